// A metric's value as people say it: minutes of sleep as hours, counts without a unit.

import { measured, number } from "./format.js";
import { turned } from "./units.js";

const HOUR = 60;
const LONG_MINUTES = /^sleep_|_minutes$/;
const WHOLE = new Set(["resting_heart_rate", "steps", "spo2", "floors_climbed", "sleeping_heart_rate"]);

const clock = (minutes) =>
  `${Math.floor(Math.round(minutes) / HOUR)}:${String(Math.round(minutes) % HOUR).padStart(2, "0")}`;

/** A length of time within a sentence. */
export const spokenHours = (minutes) => {
  const whole = Math.round(minutes);
  return `${Math.floor(whole / HOUR)}\u00a0h\u00a0${String(whole % HOUR).padStart(2, "0")}`;
};

export function withUnit(type, value, unit) {
  if (unit === "min" && LONG_MINUTES.test(type)) return { value: clock(value), unit: "h" };
  if (unit === "/min") return { value: number(value), unit: type.includes("heart") ? "bpm" : "/min" };
  if (unit.startsWith("{")) return { value: number(value), unit: "" };
  if (type.endsWith("_deviation")) {
    const { value: here, unit: of } = turned(value, unit, { difference: true });
    return { value: number(here, 1), unit: of };
  }
  const digits = WHOLE.has(type) || Math.abs(value) >= 100 || unit === "ms" ? 0 : 1;
  return measured(value, unit, digits);
}
