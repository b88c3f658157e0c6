// Sleeps made ready to be shown: stages in their order, a night's own clock, what is usual.

import { clock, isNumber, offsetMinutes } from "./format.js";

export const STAGES = ["wake", "rem", "light", "deep", "asleep", "in_bed", "unknown"];
/** From the top of a hypnogram down: the deeper the lower. */
const LEVELS = { wake: 0, in_bed: 0, unknown: 0, rem: 1, asleep: 2, light: 2, deep: 3 };
const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const NOON = 720;

export const levelOf = (stage) => -LEVELS[stage];

/** [stage, minutes] of what there is, the way stages are always listed. */
export const stageMinutes = (minutes) => STAGES.filter((one) => minutes[one] > 0).map((one) => [one, minutes[one]]);

/** Time asleep: as the source told it, else as its stages add up; null where neither is there. */
export function asleepOf({ reported, values, computed }) {
  const told = ["light", "deep", "rem", "asleep"].filter((one) => isNumber(reported[one]));
  if (told.length) return told.reduce((sum, one) => sum + reported[one], 0);
  return values.sleep_minutes ?? computed.asleep_minutes;
}

export const nightOf = (day) => day.sleeps.find(({ id }) => id === day.night) ?? null;

/** Minutes after noon on the wearer's clock, so that a night is one rising stretch. */
function afterNoon(instant, offset) {
  const local = Date.parse(instant) / MINUTE + (offsetMinutes(offset) ?? 0);
  return (local - NOON) % DAY_MINUTES;
}

/** {day, from, to, id} of a night in minutes after noon. */
export function stretchOf(day, night) {
  if (!night?.end) return null;
  const from = afterNoon(night.start, night.utc_offset);
  const to = from + (Date.parse(night.end) - Date.parse(night.start)) / MINUTE;
  return { day: String(day), from, to, id: night.id };
}

/** Minutes after noon as a clock shows them. */
export const clockText = (minutes) => clock((Math.round(minutes) + NOON) * MINUTE, "+00:00");

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const USUAL_NIGHTS = 28;
const LEAST_NIGHTS = 7;

/** How the latest night differs from the median of the weeks before, in minutes; null if too few. */
export function againstUsual(days) {
  const [latest, ...before] = days.map((day) => day.asleep_minutes);
  const known = before.slice(0, USUAL_NIGHTS).filter(isNumber);
  return isNumber(latest) && known.length >= LEAST_NIGHTS ? latest - median(known) : null;
}
