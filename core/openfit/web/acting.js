// Telling a source to do something, and its steps as they come. What there is to tell, and what each
// asks for, stands in its manifest; no source is named here.

import { getJson, Problem, request, unreachable } from "./api.js";
import { inWords } from "./errors.js";
import { isNumber, measure, metricName, number } from "./format.js";
import { forget } from "./session.js";

const EVENTS = { Accept: "text/event-stream" };
const UNITS = { heart_rate: "/min", rr_interval: "ms", battery: "%", wear: "%" };
const CLOCK = /^(\d{1,2}):(\d{2})$/;

export const ofConnection = (id) => `/connections/${encodeURIComponent(id)}`;
export const ofIntegration = (id) => `/integrations/${encodeURIComponent(id)}`;

export const connection = (id) => getJson(ofConnection(id));

/** Answers the last step, with `stopped` where somebody stopped it; `onStep` hears each. */
export async function act(whose, action, body, { signal, onStep }) {
  const response = await request(`${whose}/actions/${action}`, { method: "POST", body, signal, headers: EVENTS });
  for await (const { event, data } of events(response.body)) {
    if (event === "failed") throw new Problem(await inWords(data));
    if (event === "signed_out") await forget();
    if (event === "step") onStep(data);
    else return { ...data, stopped: event !== "done" };
  }
  throw unreachable();
}

/** Server-sent events as {event, data}. A piece may end anywhere. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const { event, data } = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s)));
      if (event) yield { event, data: JSON.parse(data) };
    }
  }
}

// What it asks for ----------------------------------------------------------------------------------

const two = (n) => String(n).padStart(2, "0");
const local = (at) =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;

/** A time of day as the next instant at which this browser's clock says so, for a field. */
export function nextTime(said, now = new Date()) {
  const [, hours, minutes] = CLOCK.exec(said ?? "") ?? [];
  if (hours === undefined) return "";
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), 0, 0);
  if (at <= now) at.setDate(at.getDate() + 1);
  return local(at);
}

/** What a form was filled in with, as the hub takes it. */
export function valuesOf(form, filled) {
  const found = {};
  for (const { name, kind } of form) {
    const said = filled[name];
    if (kind === "flag") found[name] = said === "on";
    else if (said === undefined) continue;
    else if (kind === "time") found[name] = new Date(said).toISOString();
    else found[name] = kind === "integer" || kind === "number" ? Number(said) : said;
  }
  return found;
}

// What it says --------------------------------------------------------------------------------------

export const areDevices = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.address === "string");

/** A value in the units of its metric, where it is one. */
export function shown(name, value) {
  if (isNumber(value)) return name in UNITS ? measure(value, UNITS[name]) : number(value, Number.isInteger(value) ? 0 : 2);
  if (Array.isArray(value)) return value.map((one) => shown(name, one)).join(", ");
  if (value && typeof value === "object") return Object.entries(value).map(([key, one]) => `${metricName(key)} ${shown(key, one)}`).join(", ");
  return String(value ?? "");
}
