// Days of months and years as a calendar shows them. Days are ISO texts; arithmetic is in UTC.

import { LOCALE } from "./text/language.js";
import { firstWeekday } from "./week.js";

const DAY_MS = 86_400_000;
const SUNDAY = 7;

const numberOf = (iso) => Date.parse(`${iso}T00:00Z`) / DAY_MS;
const isoOf = (n) => new Date(n * DAY_MS).toISOString().slice(0, 10);
/** 1 is Monday, 7 Sunday. */
const weekday = (n) => ((n + 3) % 7) + 1; // 1970 began on a Thursday

/** The day on which weeks begin. */
const weekStart = () => firstWeekday;

const place = (n, first) => (weekday(n) - first + 7) % 7;

export const monthOf = (iso) => iso.slice(0, 7);
export const yearOf = (iso) => iso.slice(0, 4);

export function shiftMonth(month, by) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

export const monthEnds = (month) => [`${month}-01`, isoOf(numberOf(`${shiftMonth(month, 1)}-01`) - 1)];

/** Weeks of a month: seven ISO days each, null where another month's would stand. */
export function weeksOf(month, first = weekStart()) {
  const [from, to] = monthEnds(month).map(numberOf);
  const weeks = [];
  for (let n = from - place(from, first); n <= to; n += 7)
    weeks.push([...Array(7).keys()].map((day) => (n + day >= from && n + day <= to ? isoOf(n + day) : null)));
  return weeks;
}

/** {day, column, row} of each day of a year, in weeks side by side. */
export function yearGrid(year, first = weekStart()) {
  const [from, to] = [numberOf(`${year}-01-01`), numberOf(`${year}-12-31`)];
  const before = place(from, first);
  return [...Array(to - from + 1).keys()].map((n) => ({
    day: isoOf(from + n),
    column: Math.floor((n + before) / 7),
    row: place(from + n, first),
  }));
}

const NAMES = new Intl.DateTimeFormat(LOCALE, { weekday: "short", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat(LOCALE, { weekday: "long", timeZone: "UTC" });
const A_MONDAY = 4; // 1970-01-05

/** [{short, long}] of the days of a week, in its order. */
export const weekdayNames = (first = weekStart()) =>
  [...Array(7).keys()].map((n) => {
    const at = (A_MONDAY + ((first - 1 + n) % SUNDAY)) * DAY_MS;
    return { short: NAMES.format(at), long: LONG.format(at) };
  });
