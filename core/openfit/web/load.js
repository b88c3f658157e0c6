// Training load by day, made ready to be shown: columns by figure, marks of the day axis, words.

import { dayMonth, monthName, yearName } from "./format.js";

export const FIGURES = ["chronic_load", "acute_load", "training_balance"];
const DAY_MS = 86_400_000;
const EVEN_SHARE = 0.15; // of fitness, by which form may differ from 0 and be called even
const EVEN_LEAST = 3;
const APART_PX = 46;
const [WEEK, MONTHS] = [7, [1, 2, 3, 6, 12, 24, 60]];

export const numberOf = (isoDay) => Date.parse(`${isoDay}T00:00Z`) / DAY_MS;
export const isoOf = (n) => new Date(n * DAY_MS).toISOString().slice(0, 10);

/** The answer of the hub by figure; `x` are days since 1970. */
export function byFigure({ days, series }) {
  const figures = Object.fromEntries(series.map((one) => [one.id, one]));
  return { days, x: days.map(numberOf), figures };
}

/** One day of a figure as a result, with all of its why. */
export function resultAt(figure, n) {
  const { id, unit, tier, algorithm, inputs } = figure;
  const [value, confidence, reason] = [figure.values[n], figure.confidence[n], figure.reasons[n]];
  return { id, unit, tier, algorithm, inputs, value, confidence, reason };
}

/** "tired", "even" or "fresh": form measured against the fitness it is a part of. */
export function feeling(fitness, form) {
  const even = Math.max(EVEN_LEAST, EVEN_SHARE * fitness);
  return form < -even ? "tired" : form > even ? "fresh" : "even";
}

/** Days whose load is not known. */
export const unknownDays = ({ x, figures }) =>
  x.filter((_, n) => figures.daily_load && figures.daily_load.values[n] === null);

// Marks of the axis --------------------------------------------------------------------------------

function mondays(low, high) {
  const found = [];
  const first = Math.ceil(low) + ((WEEK + 4 - (Math.ceil(low) % WEEK)) % WEEK); // 1970 began on a Thursday
  for (let at = first; at <= high; at += WEEK) found.push(at);
  return found;
}

function months(low, high, step) {
  const found = [];
  const first = new Date(low * DAY_MS);
  for (let n = first.getUTCFullYear() * 12 + first.getUTCMonth(); ; n++) {
    const at = Date.UTC(Math.floor(n / 12), n % 12, 1) / DAY_MS;
    if (at > high) return found;
    if (at >= low && n % step === 0) found.push(at);
  }
}

/** Days to mark, as many as can be read side by side: Mondays, else firsts of months. */
export function dayMarks(low, high, width) {
  const most = Math.max(2, Math.floor(width / APART_PX));
  const choices = [() => mondays(low, high), ...MONTHS.map((step) => () => months(low, high, step))];
  for (const choice of choices) {
    const found = choice();
    if (found.length <= most) return found;
  }
  return [];
}

export function markText(marks) {
  const weekly = marks.length > 1 && marks[1] - marks[0] === WEEK;
  return marks.map((at) => {
    const day = isoOf(at);
    if (weekly || !day.endsWith("-01")) return dayMonth(day);
    return day.endsWith("-01-01") ? yearName(day) : monthName(day);
  });
}
