// One panel of the explorer on a uPlot: lines of several sources over the wearer's time. Gaps stay
// gaps, a change of offset is a notch, names stand where lines end.

import uPlot from "uplot";
import { FONT, hatch, paintNames, place, widest, within } from "../paint.js";
import { SCALE, scaled } from "../scale.js";
import { colour } from "../theme.js";
import { markTexts, timeMarks } from "./axis.js";

export const PLOT_LEFT = scaled(52);
const AXIS_HEIGHT = scaled(44);
const ROOM_FOR_NAMES = 560; // px of width from which names stand beside the plot, else above it
const WIDEST_NAME = scaled(170);
const SPARSE = 12; // px between samples, from which each has a dot
const DASHED = 2.5; // px between samples, below which dashes would only tear a line apart
const SHORTEST_DRAG = 6; // px
const BAR = 0.72; // of a day
const DAY = 86_400_000;
const DASHES = [[7, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 2]]; // px, of those that do not lead

const styleOf = (line, ratio) => ({
  strokeStyle: line.hue,
  fillStyle: line.hue,
  lineWidth: (line.leads ? 2 : 1.25) * SCALE * ratio,
  lineJoin: "round",
  globalAlpha: line.leads ? 1 : 0.7,
});

/** Indexes [from, to] of unbroken stretches that reach into the span. Where the hub says which samples
 * do not go on from the one before (`breaks`, a set), it is by its word, else by the time between. */
function stretches({ t, gap, breaks }, [low, high]) {
  const found = [];
  let from = 0;
  for (let n = 1; n <= t.length; n++) {
    if (n < t.length && (breaks ? !breaks.has(n) : t[n] - t[n - 1] <= gap)) continue;
    if (t[n - 1] >= low && t[from] <= high) found.push([from, n - 1]);
    from = n;
  }
  return found;
}

function dot(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

function paintLine(plot, line, span) {
  const apart = plot.bbox.width / uPlot.pxRatio / Math.max(1, inSpan(line, span));
  const [sparse, dashed] = [apart > SPARSE, !line.leads && apart > DASHED];
  within(plot, (ctx, ratio) => {
    Object.assign(ctx, styleOf(line, ratio));
    for (const [from, to] of stretches(line, span)) {
      if (dashed) ctx.setLineDash(DASHES[line.dash % DASHES.length].map((n) => n * ratio));
      ctx.beginPath();
      for (let n = from; n <= to; n++) ctx.lineTo(...place(plot, line.t[n], line.v[n]));
      ctx.stroke();
      ctx.setLineDash([]);
      for (let n = from; n <= to; n++)
        if (sparse || from === to) dot(ctx, ...place(plot, line.t[n], line.v[n]), 2.25 * ratio);
    }
  });
}

/** The least and the greatest sample behind each mean. */
function paintReach(plot, { t, low, high, gap, hue }, span) {
  if (!low) return;
  within(plot, (ctx) => {
    Object.assign(ctx, { fillStyle: hue, globalAlpha: 0.14 });
    for (const [from, to] of stretches({ t, gap }, span)) {
      ctx.beginPath();
      for (let n = from; n <= to; n++) ctx.lineTo(...place(plot, t[n], high[n]));
      for (let n = to; n >= from; n--) ctx.lineTo(...place(plot, t[n], low[n]));
      ctx.fill();
    }
  });
}

function paintBars(plot, line) {
  within(plot, (ctx, ratio) => {
    const day = plot.valToPos(line.t[0] + DAY, "x", true) - plot.valToPos(line.t[0], "x", true);
    const [width, zero] = [Math.max(ratio, day * BAR), plot.valToPos(0, "y", true)];
    Object.assign(ctx, { fillStyle: line.hue, globalAlpha: 0.85 });
    line.t.forEach((at, n) => {
      const [x, y] = place(plot, at, line.v[n]);
      ctx.fillRect(x - width / 2, y, width, zero - y);
    });
  });
}

/** The wearer's own usual range, where it is known. */
function paintBand(plot, { t, low, high }, hue) {
  within(plot, (ctx) => {
    Object.assign(ctx, { fillStyle: hue, globalAlpha: 0.55 });
    const known = (n) => low[n] !== null && high[n] !== null;
    for (let from = 0; from < t.length; from++) {
      if (!known(from)) continue;
      let to = from;
      while (to + 1 < t.length && known(to + 1)) to++;
      ctx.beginPath();
      for (let n = from; n <= to; n++) ctx.lineTo(...place(plot, t[n], high[n]));
      for (let n = to; n >= from; n--) ctx.lineTo(...place(plot, t[n], low[n]));
      ctx.closePath();
      ctx.fill();
      from = to;
    }
  });
}

function paintNotch(plot, notch, { ink }) {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const x = plot.valToPos(notch.at, "x", true);
  const half = 5 * ratio;
  ctx.save();
  Object.assign(ctx, { strokeStyle: ink, fillStyle: ink, lineWidth: ratio });
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.setLineDash([2 * ratio, 4 * ratio]);
  ctx.stroke();
  ctx.beginPath();
  for (const side of [-half, half]) ctx.lineTo(x + side, bbox.top + bbox.height);
  ctx.lineTo(x, bbox.top + bbox.height - 1.6 * half);
  ctx.fill();
  ctx.restore();
}

/** Where each line ends within the span. */
function endsOf(plot, lines, [, high]) {
  return lines.flatMap((line) => {
    if (!line.name) return [];
    const n = line.t.findLastIndex((at) => at <= high);
    if (n < 0) return [];
    return [{ name: line.name, hue: line.hue, y: place(plot, line.t[n], line.v[n])[1] }];
  });
}

function inSpan({ t }, [low, high]) {
  let n = 0;
  for (const at of t) if (at >= low && at <= high) n++;
  return n;
}

function reach({ lines, band, fromZero }, [low, high]) {
  let [lowest, highest] = [Infinity, -Infinity];
  const see = (value) => {
    if (value === null || value === undefined) return;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  };
  for (const { t, v, low: least, high: most } of lines)
    t.forEach((at, n) => at >= low && at <= high && [v, least, most].forEach((column) => column && see(column[n])));
  if (band) band.t.forEach((at, n) => at >= low && at <= high && (see(band.low[n]), see(band.high[n])));
  if (lowest > highest) return [0, 1];
  if (fromZero) return [Math.min(0, lowest), highest * 1.08 || 1];
  const room = Math.max((highest - lowest) * 0.1, Math.abs(highest) * 0.01, 1e-6);
  return [lowest >= 0 ? Math.max(0, lowest - room) : lowest - room, highest + room];
}

function shorten(name, most) {
  let said = name;
  while (said.length > 4 && widest([said]) > most) said = `${said.slice(0, -2)}…`;
  return said;
}

export const namesBeside = (width) => width >= ROOM_FOR_NAMES;

/** What is left free on the right of every plot of these names. */
export const roomFor = (names, width) =>
  namesBeside(width) ? widest(names.map((name) => shorten(name, WIDEST_NAME))) + 14 : 10;

/** A panel in `host`. `view` holds the signals that all panels share: span, cursor, and its clock. */
export function drawPanel(host, panel, view) {
  const hues = { ink: colour("ink-2"), line: colour("line"), band: colour("band") };
  const lines = panel.lines.map((line) => ({ ...line, hue: colour(line.colour), name: line.name && shorten(line.name, WIDEST_NAME) }));
  const right = roomFor(panel.names, host.clientWidth);
  let following = false;
  const span = () => view.span.peek();
  const moved = (plot) => {
    if (following || plot.cursor.left < 0) return;
    view.cursor.value = plot.posToVal(plot.cursor.left, "x");
  };
  const selected = (plot) => {
    const { left, width } = plot.select;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (width < SHORTEST_DRAG) return;
    view.zoomTo([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
  };
  const paint = (plot) => {
    for (const [from, to] of panel.absent ?? [])
      hatch(plot, ...[from, to].map((at) => plot.valToPos(at, "x", true)), hues.ink);
    if (panel.band) paintBand(plot, panel.band, hues.band);
    panel.paint?.(plot);
    for (const line of lines) paintReach(plot, line, span());
    for (const line of lines.filter(({ t }) => t.length))
      (line.bars ? paintBars : paintLine)(plot, line, span());
    for (const notch of view.clock.peek().notches(...span())) paintNotch(plot, notch, hues);
    if (namesBeside(plot.width)) paintNames(plot, endsOf(plot, lines, span()));
  };
  let marks = { step: DAY, marks: [] };
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: panel.height + (panel.last ? AXIS_HEIGHT : 0),
      padding: [10, right, panel.last ? 0 : 8, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => (view.reset(), null),
          mouseleave: () => () => ((view.cursor.value = null), null),
        },
      },
      scales: { x: { time: false, range: () => span() }, y: { range: panel.range ?? (() => reach({ ...panel, lines }, span())) } },
      axes: [
        {
          show: Boolean(panel.last),
          size: AXIS_HEIGHT,
          font: FONT,
          stroke: hues.ink,
          grid: { show: false },
          ticks: { stroke: hues.ink, width: 1, size: 4 },
          splits: (self) => {
            marks = timeMarks(...span(), self.bbox.width / uPlot.pxRatio, view.clock.peek());
            return marks.marks;
          },
          values: () => markTexts(marks, view.clock.peek()),
        },
        {
          size: PLOT_LEFT,
          space: panel.height / 5,
          font: FONT,
          stroke: hues.ink,
          grid: { stroke: hues.line, width: 1 },
          ticks: { show: false },
          splits: (self, axis, low, high) => panel.ticks(low, high),
          values: (self, values) => values.map(panel.writeBy(values.length > 1 ? values[1] - values[0] : 1)),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { setCursor: [moved], setSelect: [selected], draw: [paint] },
    },
    [span(), [null, null]],
    host,
  );
  return {
    plot,
    refresh: () => plot.setData([span(), [null, null]]),
    resize: () => plot.setSize({ width: host.clientWidth, height: plot.height }),
    follow: (at) => {
      following = true;
      const left = at === null ? -10 : plot.valToPos(at, "x");
      plot.setCursor({ left, top: at === null ? -10 : 10 });
      following = false;
    },
    destroy: () => plot.destroy(),
  };
}
