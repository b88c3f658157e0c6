// What the explorer shows of one metric: samples of each source, the value of each day, and in
// words how they came about. Pure arithmetic on the hub's answer; nothing of the page.

import { dashOf, hueOf } from "../devices.js";
import { numberOf } from "../load.js";
import { gapAfter, nearest } from "../series.js";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOON = DAY / 2;
const STEPS = { minute: MINUTE, hour: HOUR, day: DAY };
const [SHORTEST_GAP_STEPS, SLACK] = [3, 1.6];
const [DAYS_FROM, SAMPLES_TO] = [2.5, 61]; // days of span
const [USUAL_DAYS, USUAL_LEAST] = [60, 14];

/** Time without samples from which a line is broken, at the resolution of the answer. */
function gapOf(t, resolution) {
  if (resolution === "day") return SLACK * DAY;
  if (resolution === "activity") return 0; // each stands for itself
  return Math.max(gapAfter(t), (STEPS[resolution] ?? 0) * SHORTEST_GAP_STEPS);
}

/** Lines of one source: all day, and of its activities where those stand alone. */
export function lineOf(source) {
  const { source_id: id, label, method, resolution, activity, t, v, low, high } = source;
  const gap = gapOf(t, resolution);
  return { id, label, method, resolution, activity, t, v, low, high, gap, colour: hueOf(id), dash: dashOf(id) };
}

/** The hub's columns of days as rows: {day, value, source_id}, of days that have a value. */
export function daysOf({ days, values, winner, sources }) {
  return days
    .map((day, n) => ({ day, value: values[n], source_id: winner[n] === null ? null : sources[winner[n]]?.source_id }))
    .filter(({ value }) => value !== null);
}

/** A source's own days as a line at their noons. */
function sourceDays({ days }, source, clock) {
  const [t, v] = [[], []];
  source.values.forEach((value, n) => {
    if (value === null) return;
    t.push(noonOf(days[n], clock));
    v.push(value);
  });
  const id = source.source_id;
  return { id, label: source.label, method: source.method, resolution: "day", t, v, gap: SLACK * DAY, colour: hueOf(id), dash: dashOf(id) };
}

const noonOf = (day, clock) => clock.dayStart(numberOf(day)) + NOON;

export const sourceLines = (daily, clock) =>
  daily.sources.map((source) => sourceDays(daily, source, clock)).filter(({ t }) => t.length);

/** One entry a source, in the order in which the hub knows them: {id, label, colour, n, won}. */
export function sourcesOf(view) {
  const found = new Map();
  const see = ({ source_id: id, label }, n) => {
    const one = found.get(id) ?? { id, label, colour: hueOf(id), dash: dashOf(id), n: 0, won: 0 };
    one.n += n;
    found.set(id, one);
  };
  for (const one of view.daily.sources) see(one, one.values.filter((value) => value !== null).length);
  for (const one of view.sources) see(one, one.t.length);
  for (const { source_id: id } of view.days) if (found.has(id)) found.get(id).won += 1;
  for (const one of found.values()) one.label ||= "?";
  return [...found.values()].sort((a, b) => a.dash - b.dash);
}

/** The source that gave most days their value; where no day is resolved, the one with most samples. */
export function leader(sources) {
  const best = (of) => sources.reduce((a, b) => (of(b) > of(a) ? b : a), sources[0]);
  if (!sources.length) return null;
  return sources.some(({ won }) => won) ? best((one) => one.won).id : best((one) => one.n).id;
}

/** The value of each day at its noon on the wearer's clock, and whose it was. */
export function daysLine({ days }, clock) {
  const t = days.map(({ day }) => noonOf(day, clock));
  return { t, v: days.map(({ value }) => value), of: days.map(({ source_id: id }) => id ?? null), gap: SLACK * DAY };
}

/** The wearer's usual range: of each day the span that holds the middle 80 % of the values of the 60
 * days before it. Null while fewer than 14 of them have one. */
export function usualRange(days) {
  const numbers = days.map(({ day }) => numberOf(day));
  const [low, high] = [[], []];
  let from = 0;
  days.forEach((_, n) => {
    while (numbers[from] < numbers[n] - USUAL_DAYS) from++;
    const before = days.slice(from, n).map(({ value }) => value).sort((a, b) => a - b);
    const at = (share) => before[Math.round(share * (before.length - 1))];
    const enough = before.length >= USUAL_LEAST;
    low.push(enough ? at(0.1) : null);
    high.push(enough ? at(0.9) : null);
  });
  return { low, high };
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

const lengthOf = ([low, high]) => (high - low) / DAY;

/** Days tell the shape of a long span, samples that of a short one; between, both are shown. What
 * has no samples has its days. */
export const showsDays = (span, view) =>
  view.days.length > 0 && (lengthOf(span) >= DAYS_FROM || !view.sources.length);
export const showsSamples = (span, view) => !view.days.length || lengthOf(span) <= SAMPLES_TO;

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
