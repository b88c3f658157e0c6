// An entry in a line: what it is, and what it says.

import { clock, distance, duration, isNumber, measure, metricName, sportName } from "./format.js";
import { spokenHours, withUnit } from "./tile-words.js";
import { part } from "./text.js";

const t = (await part("entering")).sheet;

const joined = (parts) => parts.filter(Boolean).join(" · ");
const said = (type, value, unit) => Object.values(withUnit(type, value, unit)).filter(Boolean).join(" ");
const optional = (value, form) => (isNumber(value) ? form(value) : "");

const of = ({ start, end }) => (Date.parse(end) - Date.parse(start)) / 1000;

/** `metrics` by type, as the hub says what can be measured. */
const LINES = {
  weight: (one) => joined([measure(one.kilograms, "kg", 1), optional(one.body_fat, (it) => `${t.fields.body_fat} ${measure(it, "%", 1)}`)]),
  blood_pressure: (one) =>
    joined([`${measure(one.systolic, "1")}/${measure(one.diastolic, "mm[Hg]")}`, optional(one.pulse, (it) => said("heart_rate", it, "/min"))]),
  metric: (one, metrics) => said(one.metric, one.value, metrics.get(one.metric)?.unit ?? ""),
  workout: (one) =>
    joined([duration(of(one)), optional(one.distance, distance), optional(one.energy, (it) => measure(it, "kcal")),
      optional(one.avg_heart_rate, (it) => said("heart_rate", it, "/min"))]),
  sleep: (one) => joined([`${time(one.start)}–${time(one.end)}`, spokenHours(of(one) / 60)]),
};

const offsetIn = (instant) => /[+-]\d\d:\d\d$/.exec(instant)?.[0];
const time = (instant) => clock(Date.parse(instant), offsetIn(instant));

export function nameOf(entry, metrics) {
  if (entry.kind === "metric") return metricName(entry.metric, metrics.get(entry.metric)?.name);
  if (entry.kind === "workout") return entry.name ?? sportName(entry);
  return t.kinds[entry.kind];
}

export const lineOf = (entry, metrics) => LINES[entry.kind](entry, metrics);

/** The day, and for what has one moment its time on the clock that it was dated with. */
export function whenOf(entry) {
  const first = entry.at ?? entry.start;
  const timed = entry.kind !== "sleep" && !entry.seconds;
  return { day: first.slice(0, 10), time: timed ? time(first) : "" };
}
