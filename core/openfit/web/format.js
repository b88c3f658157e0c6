// Numbers and times as people read them: their units, the wearer's own clock, a dash for missing.

import { part, text } from "./text.js";
import { LOCALE, within } from "./text/language.js";
import { lengths, system, turned } from "./units.js";

const names = await part("names");

export const MISSING = "–";
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const shown = (value, form) => (isNumber(value) ? form(value) : MISSING);

const MINUS_ZERO = /^-(?=[0.,\s]*$)/;
const formats = new Map();
export function number(value, digits = 0) {
  const key = digits;
  if (!formats.has(key)) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formats.set(key, new Intl.NumberFormat(LOCALE, fixed));
  }
  return shown(value, (given) => formats.get(key).format(given).replace(MINUS_ZERO, "").replace("-", "−"));
}

export function duration(seconds) {
  return shown(seconds, (given) => {
    const whole = Math.round(given);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (n) => String(n).padStart(2, "0");
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  });
}

export function distance(metres, of = system) {
  return shown(metres, (given) => {
    const { far } = lengths(of);
    if (Math.round(Math.abs(given)) < far.least) return height(given, of);
    const count = given / far.metres;
    return `${number(count, count < 100 ? 2 : 1)} ${far.unit}`;
  });
}

export const height = (metres, of = system) => measure(metres, "m", 0, of);

/** Minutes and seconds for a kilometre or a mile; in a pool for its hundred. */
export function pace(speed, length = lengths().far) {
  if (!isNumber(speed) || speed <= 0) return MISSING;
  const seconds = Math.round(length.metres / speed);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** {value, unit} as text, for any UCUM code. */
export function measured(value, code, digits = 0, of = system) {
  if (!isNumber(value)) return { value: MISSING, unit: "" };
  const { value: here, unit } = turned(value, code, { of });
  return { value: number(here, digits), unit };
}

export function measure(value, code, digits = 0, of = system) {
  const { value: written, unit } = measured(value, code, digits, of);
  return unit ? `${written} ${unit}` : written;
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${number(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${number(bytes / 1e6, 1)} MB` : `${number(bytes / 1e9, 1)} GB`;
}

// Time ---------------------------------------------------------------------------------------------

/** Minutes east of UTC of "+02:00"; unknown is null. */
export function offsetMinutes(offset) {
  if (!offset) return null;
  const [hours, minutes] = offset.slice(1).split(":").map(Number);
  return (offset[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
const DAY = { day: "numeric", month: "short", timeZone: "UTC" };
const clockForm = new Intl.DateTimeFormat(LOCALE, CLOCK);
const secondsForm = new Intl.DateTimeFormat(LOCALE, { ...CLOCK, second: "2-digit" });
const dayForm = new Intl.DateTimeFormat(LOCALE, { ...DAY, weekday: "short", year: "numeric" });
const shortDayForm = new Intl.DateTimeFormat(LOCALE, { ...DAY, weekday: "short" });
const dayMonthForm = new Intl.DateTimeFormat(LOCALE, DAY);
const monthNameForm = new Intl.DateTimeFormat(LOCALE, { month: "short", timeZone: "UTC" });
const plainDayForm = new Intl.DateTimeFormat(LOCALE, { ...DAY, year: "numeric" });
const monthForm = new Intl.DateTimeFormat(LOCALE, {
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const hereForm = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

/** The instant as the wearer's clock showed it, in a Date whose UTC fields are local. */
const atWearer = (millis, offset) => new Date(millis + (offsetMinutes(offset) ?? 0) * 60_000);

export const clock = (millis, offset) => clockForm.format(atWearer(millis, offset));
export const clockSeconds = (millis, offset) => secondsForm.format(atWearer(millis, offset));
export const zone = (offset) => (offset ? `UTC${offset}` : text.time.utcUnknown);
export const date = (millis, offset) => dayForm.format(atWearer(millis, offset));
export const day = (isoDay) => dayForm.format(new Date(`${isoDay}T00:00Z`));
export const plainDay = (isoDay) => plainDayForm.format(new Date(`${isoDay}T00:00Z`));
export const shortDay = (isoDay) => shortDayForm.format(new Date(`${isoDay}T00:00Z`));
export const dayMonth = (isoDay) => dayMonthForm.format(new Date(`${isoDay}T00:00Z`));
export const monthName = (isoDay) => monthNameForm.format(new Date(`${isoDay}T00:00Z`));
export const yearName = (isoDay) => isoDay.slice(0, 4);
export const month = (isoDay) => monthForm.format(new Date(`${isoDay}T00:00Z`));
/** Of the hub's own doings, on the clock of this browser. */
export const here = (instant) => hereForm.format(new Date(instant));

// Words --------------------------------------------------------------------------------------------

/** "mountain_biking" as "Mountain biking", or as the catalogue calls it. */
export function words(name) {
  if (name in names.words) return names.words[name];
  const spaced = (name ?? "").replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A metric as people call it; `given` is the schema's own English name. */
export const metricName = (metric, given) => names.metrics[metric] ?? given ?? words(metric);
/** A metric in the few letters that a tile has room for. */
export const shortMetric = (metric, given) => names.short[metric] ?? metricName(metric, given);

/** A UCUM code as people write it. */
export { unitName } from "./units.js";

export function sportName({ sport, sub_sport: sub }) {
  if (!sub || sub === "generic") return words(sport);
  return `${words(sport)}, ${within(words(sub))}`;
}

export function deviceName(device) {
  if (!device) return MISSING;
  const known = /^\d+$/.test(device.model) ? text.product(device.model) : device.model;
  const model = words([device.vendor, known].filter(Boolean).join(" "));
  return device.name ?? (model || words(device.type));
}
