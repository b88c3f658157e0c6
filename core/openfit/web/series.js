// Samples in columns, made ready to be drawn. Pure arithmetic on arrays; nothing of the page.

const SHORTEST_GAP_MS = 10_000;
const GAP_STEPS = 5;

/** The usual distance between samples: their median. */
function usualStep(t) {
  if (t.length < 2) return 0;
  const steps = [];
  for (let i = 1; i < t.length; i++) steps.push(t[i] - t[i - 1]);
  return steps.sort((a, b) => a - b)[steps.length >> 1];
}

export const gapAfter = (t) => Math.max(SHORTEST_GAP_MS, GAP_STEPS * usualStep(t));

/** The same samples with a null wherever time passed without any, or the timer stood still
 * (`pauses`, as [from, to] in rising order): a gap stays a gap. */
export function withGaps(t, v, pauses = []) {
  const limit = gapAfter(t);
  const [times, values] = [[], []];
  let next = 0;
  for (let i = 0; i < t.length; i++) {
    while (next < pauses.length && pauses[next][1] <= t[i - 1]) next++;
    const paused = next < pauses.length && pauses[next][0] >= t[i - 1] && pauses[next][1] <= t[i];
    if (i && (paused || t[i] - t[i - 1] > limit)) {
      times.push((t[i] + t[i - 1]) / 2);
      values.push(null);
    }
    times.push(t[i]);
    values.push(v[i]);
  }
  return { t: times, v: values };
}

/** Index of the sample nearest to `at` in rising `t`; -1 when there is none. */
export function nearest(t, at) {
  let [low, high] = [0, t.length - 1];
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - t[low - 1] <= t[low] - at ? low - 1 : low;
}

/** The value that was measured at `at`; null in a gap. */
export function valueAt({ t, v, gap }, at) {
  const i = nearest(t, at);
  return i < 0 || Math.abs(t[i] - at) > gap / 2 ? null : v[i];
}

/** Linear between neighbours of a rising column, held at both ends. */
export function interpolate(x, y, at) {
  let i = nearest(x, at);
  if (x[i] > at && i > 0) i -= 1;
  const next = Math.min(i + 1, x.length - 1);
  if (at <= x[i] || next === i || x[next] === x[i]) return y[i];
  return y[i] + ((y[next] - y[i]) * Math.min(at - x[i], x[next] - x[i])) / (x[next] - x[i]);
}

/** Average over time (samples stand for the time until the next, gaps for none), and extremes.
 * Thinning keeps extremes and so bends an average: then there is none. */
export function summary({ t, v, gap, resolution }) {
  let [sum, weight, low, high] = [0, 0, Infinity, -Infinity];
  for (let i = 0; i < v.length; i++) {
    low = Math.min(low, v[i]);
    high = Math.max(high, v[i]);
    const step = i + 1 < t.length ? t[i + 1] - t[i] : 0;
    if (step > gap) continue;
    sum += v[i] * step;
    weight += step;
  }
  if (resolution === "thinned") return { average: null, low, high };
  return { average: weight ? sum / weight : (v[0] ?? null), low, high };
}

/** A column that never falls, for an axis of distance. */
export function rising(v) {
  let highest = -Infinity;
  return v.map((value) => (highest = Math.max(highest, value)));
}

const REACH_M = 50; // to either side, over which a slope is taken

/** Slope in percent from height over way; null-free, and absent where either is not known. */
export function grades(altitude, odometer) {
  const far = rising(odometer.v);
  const heightAt = (metres) => interpolate(altitude.t, altitude.v, interpolate(far, odometer.t, metres));
  const [t, v] = [[], []];
  odometer.t.forEach((at, n) => {
    const [from, to] = [Math.max(far[n] - REACH_M, far[0]), Math.min(far[n] + REACH_M, far.at(-1))];
    if (to - from < REACH_M || valueAt(altitude, at) === null) return;
    t.push(at);
    v.push((100 * (heightAt(to) - heightAt(from))) / (to - from));
  });
  return { t, v, gap: altitude.gap };
}
