// What the explorer shows of one metric: samples of each source, the value of each day, and in
// words how they came about. Pure arithmetic on the hub's answer; nothing of the page.

import { dashOf, hueOf } from "../devices.js";
import { numberOf } from "../load.js";
import { gapAfter, nearest } from "../series.js";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOON = DAY / 2;
const STEPS = { minute: MINUTE, hour: HOUR, day: DAY };
const [SHORTEST_GAP_STEPS, SLACK] = [3, 1.6];
const DAYS_FROM = 2.5; // days of span, from which days are worth a line of their own

/** Time without samples from which a line is broken, at the resolution of the answer. */
export function gapOf(t, resolution) {
  if (resolution === "day") return SLACK * DAY;
  if (resolution === "activity") return 0; // each stands for itself
  return Math.max(gapAfter(t), (STEPS[resolution] ?? 0) * SHORTEST_GAP_STEPS);
}

/** Lines of one source: all day, and of its activities where those stand alone. */
export function lineOf(source) {
  const { source_id: id, label, method, resolution, activity, t, v } = source;
  return { id, label, method, resolution, activity, t, v, gap: gapOf(t, resolution), colour: hueOf(id), dash: dashOf(id) };
}

/** One entry a source, in the order of their numbers: {id, label, colour, lines, n, days}. */
export function sourcesOf(view) {
  const found = new Map();
  for (const line of view.sources.map(lineOf)) {
    const one = found.get(line.id) ?? { id: line.id, label: line.label, colour: line.colour, dash: line.dash, lines: [], n: 0, won: 0 };
    one.lines.push(line);
    one.n += line.t.length;
    found.set(line.id, one);
  }
  for (const { source_id: id } of view.days) if (found.has(id)) found.get(id).won += 1;
  return [...found.values()].sort((a, b) => Number(a.id) - Number(b.id));
}

/** The source that gave most days their value; where no day is resolved, the one with most samples. */
export function leader(sources) {
  const best = (of) => sources.reduce((a, b) => (of(b) > of(a) ? b : a), sources[0]);
  if (!sources.length) return null;
  return sources.some(({ won }) => won) ? best((one) => one.won).id : best((one) => one.n).id;
}

/** The value of each day at its noon on the wearer's clock, and whose it was. */
export function daysLine({ days }, clock) {
  const t = days.map(({ day }) => clock.dayStart(numberOf(day)) + NOON);
  return { t, v: days.map(({ value }) => value), of: days.map(({ source_id: id }) => id ?? null), gap: SLACK * DAY };
}

/** Stretches of days that have no value, between the first and the last that has: [from, to] days. */
export function holes(days) {
  const found = [];
  for (let n = 1; n < days.length; n++) {
    const [before, next] = [numberOf(days[n - 1].day), numberOf(days[n].day)];
    if (next - before > 1) found.push([before + 1, next - 1]);
  }
  return found;
}

export const worthDays = ([low, high], view) => (high - low) / DAY >= DAYS_FROM && view.days.length > 1;

/** Whether samples say no more than the days do: one source, about one a day. */
export function onlyDays(view, sources) {
  if (view.days.length < 2 || sources.length !== 1) return false;
  return sources[0].n <= view.days.length * 1.25;
}

/** The value of a line at an instant; null where nothing was measured near it. */
export function valueNear({ t, v, gap, resolution }, at) {
  const n = nearest(t, at);
  if (n < 0) return null;
  const reach = resolution === "activity" ? HOUR * 6 : gap / 2;
  return Math.abs(t[n] - at) > reach ? null : v[n];
}

export function dayAt(view, clock, at) {
  const day = clock.dayAt(at);
  return view.days.find((one) => numberOf(one.day) === day) ?? null;
}

const within = (t, [low, high]) => t >= low && t <= high;

export function extremes(lines, span) {
  let [low, high, sum, n] = [Infinity, -Infinity, 0, 0];
  for (const { t, v } of lines)
    t.forEach((at, i) => {
      if (span && !within(at, span)) return;
      low = Math.min(low, v[i]);
      high = Math.max(high, v[i]);
      sum += v[i];
      n += 1;
    });
  return n ? { low, high, mean: sum / n, n } : null;
}
