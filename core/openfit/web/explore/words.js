// Times and values of the explorer as they are read.

import { clock as clockText, clockSeconds, isNumber, MISSING, number, plainDay } from "../format.js";
import { isoOf } from "../load.js";
import { even } from "../ticks.js";
import { turned } from "../units.js";

export { dayMonth, monthName, yearName } from "../format.js";

const [MINUTE, DAY] = [60_000, 86_400_000];
const LONG_MINUTES = 120;

export const timeOfDay = (at, clock, seconds = false) =>
  (seconds ? clockSeconds : clockText)(at, clock.offsetAt(at));

/** An instant as fine as the span that is looked at. */
export function instant(at, clock, span) {
  const day = plainDay(isoOf(clock.dayAt(at)));
  if (span > 90 * DAY) return day;
  return `${day}, ${timeOfDay(at, clock, span < 30 * MINUTE)}`;
}

/** Its first and last day, where a span is long or of whole days; else both instants. */
export function spanEnds([low, high], clock) {
  const whole = clock.isMidnight(low) && clock.isMidnight(high);
  if (whole || high - low > 90 * DAY) return clock.daysIn([low, high]).map((day) => plainDay(isoOf(day)));
  return [low, high].map((at) => instant(at, clock, high - low));
}

const digitsOf = (step) => Math.max(0, Math.min(4, Math.ceil(-Math.log10(step) - 1e-9)));

/** As fine as tells values apart that lie between these. */
function digitsFor(low, high) {
  const reach = Math.max(high - low, Math.abs(high) / 50, 1e-9);
  return Math.min(3, digitsOf(reach / 9));
}

const hours = (minutes) => {
  const whole = Math.round(Math.abs(minutes));
  return `${minutes < 0 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

const orMissing = (write) => (value) => (isNumber(value) ? write(value) : MISSING);
const signed = (value, digits) => number(value, digits).replace(/^-(?=[0.,]*$)/, "").replace("-", "−");
const plainly = (digits, turn) => orMissing((value) => signed(turn(value), digits));
const DIFFERENCE = /deviation/; // of temperatures, which have no zero to move

/** How values of a metric between `low` and `high` are written: {unit, write, writeBy, ticks}. The
 * marks of an axis stand on what is round as it is written. */
export function writer(metric, unit, low, high) {
  if (unit === "min" && high >= LONG_MINUTES) {
    const write = orMissing(hours);
    return { unit: "h", write, writeBy: () => write, ticks: even(1 / 60) };
  }
  const name = unit === "/min" && metric.includes("heart_rate") ? "bpm" : turned(1, unit).unit;
  const turn = (value) => turned(value, unit, { difference: DIFFERENCE.test(metric) }).value;
  const digits = unit.startsWith("{") ? 0 : digitsFor(turn(low), turn(high));
  const factor = turn(1) - turn(0);
  return {
    unit: name,
    write: plainly(digits, turn),
    writeBy: (step) => plainly(digitsOf(step * factor), turn),
    ticks: even(factor, turn(0)),
  };
}

export const withUnit = ({ unit, write }, value) =>
  isNumber(value) && unit ? `${write(value)} ${unit}` : write(value);
