// What results of analyses are called, how they are written, and why one is missing.

import {
  distance,
  duration,
  isNumber,
  measure,
  measured,
  metricName,
  MISSING,
  number,
  unitName,
  words,
} from "./format.js";
import { text } from "./text-training.js";
import { within } from "./text/language.js";

const t = text.result;
const EFFORT = /^best_(power|time)_(\d+)_(?:seconds|metres)$/;
const [MINUTE, HOUR] = [60, 3600];

const span = (seconds) =>
  seconds < MINUTE ? `${seconds} s` : seconds < HOUR ? `${seconds / MINUTE} min` : `${seconds / HOUR} h`;
const stretch = (metres) =>
  t.distances[metres] ?? (metres < 1000 ? `${metres} m` : `${number(metres / 1000)} km`);

/** {kind: "power" | "time", size} of a best effort, else null. */
export function effortOf(id) {
  const found = EFFORT.exec(id);
  return found && { kind: found[1], size: Number(found[2]) };
}

export function nameOf(id) {
  const effort = effortOf(id);
  if (effort) return (effort.kind === "power" ? span : stretch)(effort.size);
  return t.names[id] ?? words(id.split(".").pop());
}

const split = (written) => {
  const [value, unit = ""] = written.split(" ");
  return { value, unit };
};
const WRITERS = {
  s: (value) => ({ value: duration(value), unit: value < HOUR ? "min" : "h" }),
  min: (value) => ({ value: duration(value * MINUTE), unit: value < MINUTE ? "min" : "h" }),
  m: (value) => split(distance(value)),
  W: (value) => ({ value: number(value), unit: "W" }),
  "/min": (value) => ({ value: number(value), unit: "bpm" }),
  "{score}": (value) => ({ value: number(value), unit: t.points }),
};

/** {value, unit} as people read it; a dash without a unit where there is none. */
export function written({ id, value, unit }) {
  if (!isNumber(value)) return { value: MISSING, unit: "" };
  if (id === "total_ascent") return measured(value, "m");
  const plain = () => ({ value: number(value, Math.abs(value) < 100 ? 1 : 0), unit: unitName(unit) });
  return (WRITERS[unit] ?? plain)(value);
}

export const line = (result) => Object.values(written(result)).filter(Boolean).join(" ");

/** With its sign, and a real minus. */
export const signed = (value) =>
  isNumber(value) ? `${value > 0 ? "+" : ""}${number(value)}`.replace("-", "−") : MISSING;

/** "need_days:have=3,need=7" as {said, step}. */
export function reasonOf(reason) {
  const [code, listed = ""] = (reason ?? "not_analysed").split(":");
  const facts = Object.fromEntries(listed.split(",").map((one) => one.split("=")).map(([k, v]) => [k, Number(v)]));
  const known = text.why.reasons[code.startsWith("failed_") ? "failed" : code];
  if (!known) return { said: `${words(code)}.` };
  return { ...known, said: typeof known.said === "function" ? known.said(facts) : known.said };
}

// Why ----------------------------------------------------------------------------------------------

const lower = (name) => within(metricName(name));

/** "series:heart_rate@activity" as a person says it. */
export function inputName(wish) {
  const say = text.why.input;
  const [, kind, name, scope] = /^(\w+):([\w.]+)@?(\w*)$/.exec(wish) ?? [];
  if (typeof say[wish] === "string") return say[wish];
  if (kind === "series") return say.series(lower(name));
  if (kind === "profile") return say.profile(within(text.thresholds.fields[name]?.[0] ?? words(name)));
  if (kind === "daily") return say.daily(lower(name), parseInt(scope, 10));
  if (kind === "result") return (scope === "history" ? say.over : say.result)(nameOf(name));
  return wish;
}

const DRIVERS = {
  at: duration,
  speed: (value) => measure(value, "m/s", 1),
  resting_heart_rate: (value) => `${number(value)} bpm`,
  max_heart_rate: (value) => `${number(value)} bpm`,
  functional_threshold_power: (value) => `${number(value)} W`,
  intensity_factor: (value) => number(value, 2),
};

export const drivers = (given = {}) =>
  Object.entries(given)
    .filter(([name]) => text.why.driver[name])
    .map(([name, value]) => `${text.why.driver[name]} ${(DRIVERS[name] ?? number)(value)}`);

export function made(algorithm) {
  const [name, version] = (algorithm ?? "").split("/");
  return version ? text.why.version(lower(name), version) : name;
}

// What holds on a day ------------------------------------------------------------------------------

/** The statement of a field that is in force on a day, of statements newest first. */
export const inForce = (statements, field, day) =>
  statements.find((one) => one.field === field && one.since <= day);
