// Two fingers, or a wheel with Ctrl, zoom about the place they point to; keys do all of it.

const WHEEL = 0.0025; // of a doubling, a pixel of the wheel
const [STEP, STRIDE] = [1 / 100, 1 / 10];
const CLOSER = 1 / 2;

/** The span that keeps `at` where it is and is `factor` times as long. */
export const zoomed = ([low, high], at, factor) => [at - (at - low) * factor, at + (high - at) * factor];
export const shifted = ([low, high], by) => [low + by, high + by];

/** Pinching and wheeling on what uPlot lays over a plot. Answers how to stop listening. */
export function watchPointers(plot, view) {
  const over = plot.over;
  const fingers = new Map();
  const valueAt = (clientX) => plot.posToVal(clientX - over.getBoundingClientRect().left, "x");
  const both = () => [...fingers.values()];
  const wheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    view.zoomTo(zoomed(view.span.peek(), valueAt(event.clientX), 2 ** (event.deltaY * WHEEL)));
  };
  const down = (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event.clientX);
  };
  const up = (event) => fingers.delete(event.pointerId);
  const move = (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = both();
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size !== 2) return;
    const after = both();
    const [apart, now] = [before, after].map(([a, b]) => Math.abs(a - b));
    if (apart < 8 || now < 8) return;
    const middle = (after[0] + after[1]) / 2;
    const moved = valueAt((before[0] + before[1]) / 2) - valueAt(middle);
    view.zoomTo(shifted(zoomed(view.span.peek(), valueAt(middle), apart / now), moved));
  };
  const heard = { wheel, pointerdown: down, pointermove: move, pointerup: up, pointercancel: up };
  for (const [name, hear] of Object.entries(heard)) over.addEventListener(name, hear, { passive: name !== "wheel" });
  return () => {
    for (const [name, hear] of Object.entries(heard)) over.removeEventListener(name, hear);
  };
}

/** Arrows move the cursor, with Shift further; + and − zoom about it; Page keys go on in time. */
export function press(event, view) {
  if (event.target.closest("select, input, summary, .scroll, a, .mark") || event.altKey || event.ctrlKey || event.metaKey) return;
  const span = view.span.peek();
  const [low, high] = span;
  const at = view.cursor.peek();
  const go = (to) => (view.cursor.value = Math.min(high, Math.max(low, to)));
  const step = (high - low) * (event.shiftKey ? STRIDE : STEP);
  const about = at ?? (low + high) / 2;
  const keys = {
    ArrowRight: () => go((at ?? low) + step),
    ArrowLeft: () => go((at ?? high) - step),
    Home: () => go(low),
    End: () => go(high),
    PageUp: () => view.zoomTo(shifted(span, low - high)),
    PageDown: () => view.zoomTo(shifted(span, high - low)),
    "+": () => view.zoomTo(zoomed(span, about, CLOSER)),
    "=": () => view.zoomTo(zoomed(span, about, CLOSER)),
    "-": () => view.zoomTo(zoomed(span, about, 1 / CLOSER)),
    0: () => view.reset(),
    Escape: () => (at === null ? view.reset() : (view.cursor.value = null)),
  };
  if (!(event.key in keys)) return;
  keys[event.key]();
  event.preventDefault();
}
