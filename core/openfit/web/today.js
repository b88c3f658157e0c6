// What Today shows of a metric: its latest day, four weeks before it, and the wearer's own band.

import * as api from "./api.js";
import { isNumber } from "./format.js";
import { isoOf, numberOf } from "./load.js";

export const SHOWN = [
  "sleep_minutes", "resting_heart_rate", "hrv_rmssd_night", "steps", "respiration_rate", "weight",
];
const WEEKS = 28; // days
const FEWEST = 7; // days of a band

export function today(now = new Date()) {
  const two = (n) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Mean of the days before, give or take their standard deviation; null while they are few. */
export function bandOf(values) {
  const known = values.filter(isNumber);
  if (known.length < FEWEST) return null;
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  const spread = Math.sqrt(known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (known.length - 1));
  return { low: mean - spread, high: mean + spread };
}

export async function tileOf({ type, name, unit, last_day: last }) {
  const end = numberOf(last);
  const start = end - WEEKS;
  const view = await api.metric(type, { start: `${isoOf(start)}T00:00:00Z`, end: `${isoOf(end + 1)}T00:00:00Z`, points: 10 });
  const byDay = new Map(view.days.map((one) => [one.day, one]));
  const values = [...Array(WEEKS + 1).keys()].map((n) => byDay.get(isoOf(start + n))?.value ?? null);
  const n = values.findLastIndex(isNumber);
  const latest = byDay.get(isoOf(start + n));
  return {
    type, name, unit, values,
    value: latest?.value ?? null,
    day: latest?.day ?? last,
    today: today(),
    band: bandOf(values.slice(0, n)),
    device: view.sources.find((one) => one.source_id === latest?.source_id)?.label,
  };
}
