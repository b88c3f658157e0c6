// Marks of the time axis, from seconds to decades, on the wearer's clock.

import { dayMonth, monthName, timeOfDay, yearName } from "./words.js";
import { dayMarks, isoOf } from "../load.js";
import { scaled } from "../scale.js";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const FINE = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];
const APART_PX = scaled(64);
const MOST = 8;

function steadyMarks(from, to, minutes, step) {
  const marks = [];
  const away = minutes * MINUTE;
  for (let local = Math.ceil((from + away) / step) * step; local - away < to; local += step)
    marks.push(local - away);
  return marks;
}

function fineMarks(low, high, most, clock) {
  const step = FINE.find((one) => (high - low) / one <= most);
  if (!step) return null;
  const marks = clock.stretches(low, high).flatMap(([from, to, minutes]) => steadyMarks(from, to, minutes, step));
  return { step, marks };
}

function everyDay(low, high, clock) {
  const marks = [];
  for (let day = clock.dayAt(low); day <= clock.dayAt(high); day++) {
    const at = clock.dayStart(day);
    if (at >= low && at <= high) marks.push(at);
  }
  return { step: DAY, marks };
}

/** {step, marks}: as many as can be read side by side. */
export function timeMarks(low, high, width, clock) {
  const most = Math.max(2, Math.min(MOST, Math.floor(width / APART_PX)));
  const fine = fineMarks(low, high, most, clock);
  if (fine) return fine;
  if ((high - low) / DAY <= most) return everyDay(low, high, clock);
  const days = dayMarks(low / DAY, high / DAY, Math.min(width, MOST * APART_PX));
  return { step: 2 * DAY, marks: days.map((day) => clock.dayStart(day)) };
}

const onDay = (iso, monthly) => {
  if (!monthly || !iso.endsWith("-01")) return dayMonth(iso);
  return iso.endsWith("-01-01") ? yearName(iso) : monthName(iso);
};

/** The day stands below the first mark and wherever a new one begins. */
export function markTexts({ step, marks }, clock) {
  const isoAt = (at) => isoOf(clock.dayAt(at));
  const monthly = step > DAY && marks.every((at) => isoAt(at).endsWith("-01"));
  if (step >= DAY) return marks.map((at) => onDay(isoAt(at), monthly));
  let last = null;
  return marks.map((at) => {
    const iso = isoAt(at);
    const said = timeOfDay(at, clock, step < MINUTE);
    const fresh = iso !== last;
    last = iso;
    return fresh ? `${said}\n${dayMonth(iso)}` : said;
  });
}
