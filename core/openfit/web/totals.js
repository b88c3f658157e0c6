// What the totals of an activity are called, and how they are written for its sport.

import { distance, duration, isNumber, measured, number, pace } from "./format.js";
import { text } from "./text.js";
import { lengths } from "./units.js";

const ON_FOOT = new Set(["running", "walking", "hiking", "snowshoeing", "mountaineering"]);
export const onFoot = (sport) => ON_FOOT.has(sport);

const unit = (digits, of) => (value) => ({ value: number(value, digits), unit: of });
const turned = (digits, code) => (value) => measured(value, code, digits);
const plain = (form) => (value) => ({ value: form(value), unit: "" });

function writeDistance(value) {
  const [figure, of] = distance(value).split(" ");
  return { value: figure, unit: of ?? "" };
}

/** Pace on foot, pace of a hundred in water, speed for the rest. */
export function writeSpeed(sport) {
  const { far, pool } = lengths();
  const paced = (length) => (value) => ({ value: pace(value, length), unit: `min/${length.unit}` });
  if (onFoot(sport)) return paced(far);
  return sport === "swimming" ? paced(pool) : turned(1, "m/s");
}

export const speedName = (sport) =>
  onFoot(sport) || sport === "swimming" ? text.total.pace : text.total.speed;

/** Cadence is stored for one leg; on foot people count steps. */
export const cadenceFactor = (sport) => (onFoot(sport) ? 2 : 1);
export const cadenceUnit = (sport) =>
  text.units[onFoot(sport) ? "steps" : sport === "swimming" ? "strokes" : "turns"];
const writeCadence = (sport) => (value) => ({
  value: number(value * cadenceFactor(sport)),
  unit: cadenceUnit(sport),
});

/** [field, name, writer] in the order of reading. */
export function totalsOf(sport) {
  const speed = writeSpeed(sport);
  const t = text.total;
  return [
    ["timer_seconds", t.timer, plain(duration)],
    ["distance", t.distance, writeDistance],
    ["avg_speed", t.average(speedName(sport)), speed],
    ["avg_heart_rate", t.avgHeartRate, unit(0, "bpm")],
    ["ascent", t.ascent, turned(0, "m")],
    ["avg_power", t.avgPower, unit(0, "W")],
    ["energy", t.energy, unit(0, "kcal")],
    ["elapsed_seconds", t.elapsed, plain(duration)],
    ["moving_seconds", t.moving, plain(duration)],
    ["max_speed", onFoot(sport) || sport === "swimming" ? t.fastest : t.highest, speed],
    ["max_heart_rate", t.maxHeartRate, unit(0, "bpm")],
    ["min_heart_rate", t.minHeartRate, unit(0, "bpm")],
    ["descent", t.descent, turned(0, "m")],
    ["normalized_power", t.normalizedPower, unit(0, "W")],
    ["max_power", t.maxPower, unit(0, "W")],
    ["avg_cadence", t.avgCadence, writeCadence(sport)],
    ["max_cadence", t.maxCadence, writeCadence(sport)],
    ["work", t.work, (value) => ({ value: number(value / 1000), unit: "kJ" })],
    ["avg_temperature", t.avgTemperature, turned(0, "Cel")],
    ["max_temperature", t.maxTemperature, turned(0, "Cel")],
    ["avg_respiration_rate", t.avgRespiration, unit(0, "/min")],
    ["cycles", onFoot(sport) ? t.strides : t.cycles, unit(0, "")],
    ["steps", t.steps, unit(0, "")],
    ["training_effect", t.trainingEffect, unit(1, "")],
    ["anaerobic_training_effect", t.anaerobicEffect, unit(1, "")],
    ["training_stress_score", t.stressScore, unit(0, "")],
    ["intensity_factor", t.intensityFactor, unit(2, "")],
  ];
}

/** A total of a row: the source's own first, ours where it is silent; null when neither knows. */
export function known(row, field) {
  const reported = row.reported?.[field];
  if (isNumber(reported)) return { value: reported, method: "reported" };
  const computed = row.computed?.[field];
  return isNumber(computed) ? { value: computed, method: "computed" } : null;
}

const DISAGREEMENT = 0.01;
export const disagree = (a, b) =>
  isNumber(a) && isNumber(b) && Math.abs(a - b) > DISAGREEMENT * Math.max(Math.abs(a), Math.abs(b));

export function timeOf(row) {
  const found = known(row, "timer_seconds") ?? known(row, "elapsed_seconds");
  if (found || !row.end) return found;
  return { value: (Date.parse(row.end) - Date.parse(row.start)) / 1000, method: "reported" };
}
