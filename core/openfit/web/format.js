// Numbers and times as people read them: metric, 24 hours, in the wearer's own clock.

const LOCALE = "en-GB";
const ON_FOOT = new Set(["running", "walking", "hiking", "snowshoeing"]);
const IN_WATER = new Set(["swimming"]);

export const DASH = "–";
export const isOnFoot = (sport) => ON_FOOT.has(sport);
export const isSwim = (sport) => IN_WATER.has(sport);
export const known = (value) => value !== undefined && value !== null && Number.isFinite(value);

const formats = new Map();

export function number(value, digits = 0) {
  if (!known(value)) return DASH;
  if (!formats.has(digits)) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formats.set(digits, new Intl.NumberFormat(LOCALE, fixed));
  }
  return formats.get(digits).format(value).replace("-", "−");
}

const two = (value) => String(value).padStart(2, "0");

// 52:31 or 1:02:31
export function duration(seconds) {
  if (!known(seconds)) return DASH;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

// In words, for those who listen: "1 hour 2 minutes"
export function spokenDuration(seconds) {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([n]) => n).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

export function distance(metres) {
  if (!known(metres)) return { value: DASH, unit: "" };
  if (Math.abs(metres) < 1000) return { value: number(metres), unit: "m" };
  return { value: number(metres / 1000, metres < 100_000 ? 2 : 1), unit: "km" };
}

// Seconds for `metres` at this speed; standing still has no pace.
function paceText(speed, metres) {
  const seconds = metres / speed;
  return Number.isFinite(seconds) && seconds < 6000 ? duration(seconds) : DASH;
}

export const speedUnit = (sport) =>
  isOnFoot(sport) ? "min/km" : isSwim(sport) ? "min/100 m" : "km/h";

export function speedText(speed, sport) {
  if (!known(speed)) return DASH;
  if (isOnFoot(sport)) return paceText(speed, 1000);
  if (isSwim(sport)) return paceText(speed, 100);
  return number(speed * 3.6, 1);
}

export const isPace = (sport) => isOnFoot(sport) || isSwim(sport);

export function bytes(size) {
  if (size < 1000) return `${number(size)} bytes`;
  if (size < 1_000_000) return `${number(size / 1000)} kB`;
  return `${number(size / 1_000_000, 1)} MB`;
}

// Clocks ------------------------------------------------------------------------------------------

export function offsetMinutes(offset) {
  const found = /^([+-])(\d\d):(\d\d)$/.exec(offset ?? "");
  if (!found) return 0;
  return (found[1] === "-" ? -1 : 1) * (60 * Number(found[2]) + Number(found[3]));
}

const dateFormats = {
  day: { weekday: "short", day: "numeric", month: "short" },
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  month: { month: "long", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
};
for (const [name, options] of Object.entries(dateFormats)) {
  dateFormats[name] = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: "UTC" });
}

// Shown by the wearer's clock then, which need not be this browser's.
export function local(instant, offset, form) {
  const shifted = new Date(new Date(instant).getTime() + offsetMinutes(offset) * 60_000);
  return dateFormats[form].format(shifted);
}

export const month = (day) => local(`${day}T00:00:00Z`, null, "month");
export const date = (day) => local(`${day}T00:00:00Z`, null, "day");

export const zoneName = (offset) => (offset ? `UTC${offset.replace("-", "−")}` : "UTC");

// By this browser's clock: for what the hub did, not for what the wearer did.
const here = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
export const hereAndNow = (instant) => here.format(new Date(instant));
