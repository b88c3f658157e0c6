// What a person enters by hand, between the hub's words (GET /entries/kinds) and a form: fields in
// the person's own units and on the wearer's clock, and back.

import { entered } from "./adding.js";
import * as api from "./api.js";
import { number, offsetMinutes } from "./format.js";
import { lengths, turned } from "./units.js";

const MINUTE_MS = 60_000;
const DAY_SECONDS = 86_400;
const DIGITS = 4; // that are sent of a number turned into the unit it is kept in
const HIDDEN = ["utc_offset", "sub_sport", "seconds"];

export const kinds = () => api.getJson("/entries/kinds");
export const entries = (query) => api.getJson("/entries", { query, own: true });
const at = (id) => `/entries/${encodeURIComponent(id)}`;
const told = (found) => {
  entered.value += 1;
  return found;
};
export const add = (body) => api.getJson("/entries", { method: "POST", body }).then(told);
export const change = (id, body) => api.getJson(at(id), { method: "PUT", body }).then(told);
export const remove = (id) => api.request(at(id), { method: "DELETE" }).then(told);

// The wearer's clock ------------------------------------------------------------------------------

/** {offset, known}: where the wearer's clock stands now. Where the hub cannot know, this browser's. */
export async function wearerClock() {
  const { items } = await api.clock({ from: isoDay(new Date()), to: isoDay(new Date()) });
  const now = Date.now();
  const held = items.findLast(({ start }) => Date.parse(start) <= now) ?? items[0];
  if (held && held.basis !== "unknown") return { offset: held.utc_offset, known: true };
  return { offset: offsetText(-new Date().getTimezoneOffset()), known: false };
}

const isoDay = (date) => date.toISOString().slice(0, 10);
const two = (n) => String(n).padStart(2, "0");
const offsetText = (minutes) =>
  `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;

/** Now as a field of local time holds it. */
export const localNow = ({ offset }) =>
  new Date(Date.now() + offsetMinutes(offset) * MINUTE_MS).toISOString().slice(0, 16);

// Fields ------------------------------------------------------------------------------------------

const FAR = /(^|_)distance$/;
const DIFFERENCE = /_deviation$/; // has no zero to move

const BEATS = /pulse|heart_rate/;
const same = (value) => value;

/** The unit that people count a way in; else that of the person's system. */
function unitOf(code, of) {
  if (code === "/min" && BEATS.test(of)) return { name: "bpm", shown: same, kept: same };
  if (code.startsWith("{") || code === "1") return { name: "", shown: same, kept: same }; // a count
  const { far } = lengths();
  if (code === "m" && FAR.test(of)) return { name: far.unit, shown: (value) => value / far.metres, kept: (value) => value * far.metres };
  const zero = DIFFERENCE.test(of) ? 0 : turned(0, code).value;
  const factor = turned(1, code, { difference: true }).value;
  return { name: turned(0, code).unit, shown: (value) => value * factor + zero, kept: (value) => (value - zero) / factor };
}

const wholeDay = ({ seconds }) => seconds === undefined || seconds === null || seconds === DAY_SECONDS;

/** Fields of a kind as the sheet shows them; a sum of a metric is asked for by its day. */
export function fieldsOf(known, kind, metric, entry) {
  const found = known.kinds.find((one) => one.kind === kind);
  const measured = known.metrics.find(({ type }) => type === metric);
  const byDay = kind === "metric" && measured?.sum && wholeDay(entry ?? {});
  return found.fields
    .filter(({ name }) => !HIDDEN.includes(name))
    .map((field) => (field.name === "value" && measured ? { ...field, ...bounds(measured) } : field))
    .map((field) => (field.name === "at" && byDay ? { ...field, form: "day" } : field))
    .map((field) => ({ ...field, measured: field.unit ? unitOf(field.unit, field.name === "value" ? metric : field.name) : null }))
    .sort((a, b) => order(a) - order(b));
}

const bounds = ({ unit, low, high }) => ({ unit, low, high });
/** What was measured, all that is needed, then what may be left out. */
const order = ({ name, required }) => (name === "metric" ? -1 : required ? 0 : 1);

const MINUTES_LONG = 16; // letters of a local time as a field holds it

/** What stands in a field, of an entry that is to be changed. */
export function shownIn(field, entry) {
  const value = entry?.[field.name];
  if (value === undefined || value === null) return "";
  if (field.form === "instant") return value.slice(0, MINUTES_LONG);
  if (field.form === "day") return value.slice(0, 10);
  if (field.form !== "number") return String(value);
  const shown = field.measured ? field.measured.shown(value) : value;
  return String(Number(shown.toFixed(2)));
}

const NUMBER = /^[-+−]?\d+(?:[.,]\d+)?$/;

/** {body, faults}: what is sent, and by field what is wrong with what was typed. */
export function read(fields, given, words, { entry, clock }) {
  const [body, faults] = [{}, {}];
  for (const field of fields) {
    const typed = (given[field.name] ?? "").trim();
    const fault = typed ? wrong(field, typed, words) : field.required && words.missing;
    if (fault) faults[field.name] = fault;
    else if (typed) body[field.name] = typed === shownIn(field, entry) ? entry[field.name] : kept(field, typed);
  }
  for (const [first, last] of [["start", "end"], ["asleep_start", "asleep_end"]])
    if (body[first] && body[last] && minutesOf(body[first]) >= minutesOf(body[last])) faults[last] ??= words.backwards;
  const day = fields.find(({ form }) => form === "day");
  if (day) body.seconds = DAY_SECONDS;
  else if (entry?.seconds) body.seconds = entry.seconds;
  const offset = offsetFor(body, entry, clock);
  return { body: offset ? { ...body, utc_offset: offset } : body, faults };
}

const minutesOf = (time) => time.slice(0, MINUTES_LONG);

function wrong({ form, low, high, longest, measured }, typed, words) {
  if (longest && typed.length > longest) return words.long(longest);
  if (form !== "number") return null;
  if (!NUMBER.test(typed)) return words.noNumber;
  const value = asKept(measured, typed);
  if ((low !== undefined && low !== null && value < low) || (high !== undefined && high !== null && value > high)) {
    const said = [low, high].map((one) => short(measured ? measured.shown(one) : one));
    return words.outside(...said, measured?.name ?? "");
  }
  return null;
}

const short = (value) => number(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);

const plain = (typed) => Number(typed.replace("−", "-").replace(",", "."));
const asKept = (measured, typed) => Number((measured ? measured.kept(plain(typed)) : plain(typed)).toFixed(DIGITS));

function kept(field, typed) {
  if (field.form === "number") return asKept(field.measured, typed);
  if (field.form === "instant") return `${typed}:00`;
  return field.form === "day" ? `${typed}T00:00:00` : typed;
}

/** A clock that was stated stays, on the day it was stated for; the hub dates everything else,
 * unless it knows nothing of where the wearer is. */
function offsetFor(body, entry, clock) {
  const first = body.at ?? body.start;
  const before = entry?.at ?? entry?.start;
  if (before && first?.slice(0, 10) === before.slice(0, 10)) return entry.utc_offset;
  return clock.known ? null : clock.offset;
}

/** What the hub found wrong, by field; what belongs to none is left out. */
export function faultsOf(problem, fields) {
  const said = problem.problems ?? [];
  const known = said.filter(({ name }) => fields.some((field) => field.name === name));
  return Object.fromEntries(known.map(({ name, message }) => [name, message]));
}
