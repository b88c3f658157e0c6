// Requests to the hub. Every failure is a Problem: what happened and what to do next.

import { filesInWords, inWords } from "./errors.js";
import { keep, seen } from "./offline.js";
import { bearer, canRenew, forget, owner, post, renew, viewed } from "./session.js";
import { text } from "./text.js";

const BASE = "/api/v1";

export class Problem extends Error {
  constructor({ status = 0, code = "unreachable", message, next_step: nextStep = "", detail, problems }) {
    super(message);
    Object.assign(this, { status, code, detail, problems, nextStep });
  }
}

export const unreachable = () => new Problem(text.problem.unreachable);
const unreadable = (status) => new Problem({ ...text.problem.unreadable(status), status });

export function address(path, query = {}) {
  const given = Object.entries(query)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one]))
    .filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given).toString();
  return BASE + path + (search && `?${search}`);
}

/** `own`: about who asks, whomever's data is shown. */
export async function request(path, { query, method = "GET", body, signal, as, own = false, headers: more } = {}) {
  const person = own || method !== "GET" ? undefined : viewed.peek()?.id;
  const to = address(path, { ...query, person });
  const send = async (token) => {
    const headers = { Authorization: `Bearer ${token}`, "X-OpenFit-Page": "1", ...more };
    if (body) headers["Content-Type"] = "application/json";
    return fetch(to, { method, headers, signal, body: body && JSON.stringify(body) });
  };
  try {
    let response = await send(as ?? (await bearer()));
    if (response.status === 401 && !as && canRenew() && (await renew())) response = await send(await bearer());
    if (!response.ok) throw await problemOf(response, as);
    return response;
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw Object.assign(unreachable(), { address: to });
  }
}

async function problemOf(response, as) {
  const said = await response.json().catch(() => null);
  if (response.status === 401 && !as) await forget();
  return said?.message ? new Problem(await inWords(said)) : unreadable(response.status);
}

/** What the hub says; without a hub, what it said last to this person. */
export async function getJson(path, options = {}) {
  if (options.method) return (await request(path, options)).json();
  try {
    const response = await request(path, options);
    const to = response.url.slice(location.origin.length);
    keep(owner(), to, response.clone());
    return await response.json();
  } catch (error) {
    const kept = error.code === "unreachable" ? await seen(owner(), error.address) : null;
    if (!kept) throw error;
    return kept.json();
  }
}

/** Says what the hub is; open to everybody. */
export const meta = () => open("/meta");
export const appStatus = () => open("/app/status");
export const signInMethods = () => open("/auth/methods");

async function open(path) {
  const response = await fetch(address(path)).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw unreadable(response.status);
  return response.json();
}

/** Fails with what the hub says about a token that it does not know. */
export const tryToken = (as) => request("/activities", { query: { limit: 1 }, as });

/** One step of coming in; nothing that is open yet is asked of the session. */
export async function enter(path, body) {
  const response = await post(path, body).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response, "nobody");
  return response.json();
}

const one = (id) => `/activities/${encodeURIComponent(id)}`;

export const activities = (query) => getJson("/activities", { query });
export const activity = (id) => getJson(one(id));
export const track = (id, query) => getJson(`${one(id)}/track`, { query });
export const streams = (id, query, signal) => getJson(`${one(id)}/streams`, { query, signal });
export const correct = (id, body) => getJson(one(id), { method: "PATCH", body });
export const remove = (id) => request(one(id), { method: "DELETE" });
const inTheirWords = async (report) => ({ ...report, files: await filesInWords(report.files ?? []) });
export const importReport = async (id, start = 0) =>
  inTheirWords(await getJson(`/imports/${id}`, { query: { start } }));
export const cancelImport = (id) => getJson(`/imports/${id}/cancel`, { method: "POST" });
export const resumeImport = (id) => getJson(`/imports/${id}/resume`, { method: "POST" });
export async function imports(query) {
  const found = await getJson("/imports", { query });
  return { ...found, items: await Promise.all(found.items.map(inTheirWords)) };
}
export const integrations = () => getJson("/integrations");
export const results = (id) => getJson(`${one(id)}/results`);
export const trainingLoad = (query) => getJson("/analytics/training-load", { query });
export const records = () => getJson("/analytics/records");
export const people = () => getJson("/people", { own: true });
export const today = () => getJson("/today");
export const history = (query) => getJson("/history", { query });
export const cards = () => getJson("/cards");
export async function tasks() {
  const { items } = await getJson("/tasks");
  return { items: await Promise.all(items.map(taskInWords)) };
}

async function taskInWords(task) {
  if (task.state !== "failed") return task;
  const { message, next_step: step } = await inWords({ code: task.outcome.code, message: task.message });
  return { ...task, message: [message, step].filter(Boolean).join(" ") };
}

export const cancelTask = (id) => request(`/tasks/${id}/cancel`, { method: "POST" });
export const jobs = () => getJson("/jobs");
export const turnJob = (connection, kind, how) =>
  request(`/jobs/${encodeURIComponent(connection)}/${kind}/${how}`, { method: "POST" });
export const connect = (integration, body) =>
  getJson(`/integrations/${encodeURIComponent(integration)}/connect`, { method: "POST", body });
export const changeConnection = (connection, body) =>
  request(`/connections/${encodeURIComponent(connection)}`, { method: "PATCH", body });
export const disconnect = (connection) =>
  request(`/connections/${encodeURIComponent(connection)}`, { method: "DELETE" });
export const syncNow = (connection) =>
  request(`/connections/${encodeURIComponent(connection)}/sync`, { method: "POST" });
export const clock = (query) => getJson("/profile/clock", { query });
export const removeNight = (id) => request(`/sleep/${encodeURIComponent(id)}`, { method: "DELETE" });
export const restoreNight = (id) =>
  getJson(`/sleep/${encodeURIComponent(id)}/restore`, { method: "POST" });
export const profile = () => getJson("/profile");
export const stateProfile = (field, body) => getJson(`/profile/${field}`, { method: "PUT", body });
export const unstateProfile = (field, since) =>
  request(`/profile/${field}`, { method: "DELETE", query: { since } });
export const metrics = () => getJson("/metrics");
export const metric = (type, query, signal) =>
  getJson(`/metrics/${encodeURIComponent(type)}`, { query, signal });

export const metricDays = (type, query) =>
  getJson(`/metrics/${encodeURIComponent(type)}/daily`, { query });
export const correlation = (query) => getJson("/metrics/correlate", { query });
export const agreement = (query) => getJson("/analytics/cross-device", { query });
export const trends = (query) => getJson("/analytics/trends", { query });
export const devices = () => getJson("/devices");
export const journal = (query) => getJson("/journal", { query });
export const tags = () => getJson("/journal/tags");
export const nights = (query) => getJson("/sleep", { query });
export const night = (id) => getJson(`/sleep/${encodeURIComponent(id)}`);
/** Second by second; without a day the last one that was measured. */
export const nightSeconds = (day, query, signal) =>
  getJson(day ? `/night/${encodeURIComponent(day)}` : "/night", { query, signal });
export const correctNight = (id, body) =>
  getJson(`/sleep/${encodeURIComponent(id)}`, { method: "PATCH", body });
export const wellness = (query) => getJson("/wellness", { query });
export const activityCalendar = (query) => getJson("/activities/calendar", { query });
export const sports = () => getJson("/activities/sports");
export const deletedActivities = () => getJson("/activities/deleted");
export const restoreActivity = (id) => getJson(`${one(id)}/restore`, { method: "POST" });
export const undoCorrection = (id, edit) =>
  getJson(`${one(id)}/edits/${edit}`, { method: "DELETE" });
export const chooseTwins = (id, other, choice) =>
  request(`${one(id)}/twins/${encodeURIComponent(other)}`, { method: "PUT", body: { choice } });
export const forgetTwins = (id, other) =>
  request(`${one(id)}/twins/${encodeURIComponent(other)}`, { method: "DELETE" });

/** An activity as a file, with the name that the hub gives it. */
export async function written(id, format) {
  const response = await request(`/export${one(id)}.${format}`);
  const said = response.headers.get("Content-Disposition") ?? "";
  const [, name = `activity.${format}`] = /filename\*=UTF-8''([^;]+)/.exec(said) ?? [];
  return { blob: await response.blob(), name: decodeURIComponent(name) };
}

/** Samples of a metric as a table, of some days. */
export async function metricTable(type, query) {
  const name = `${type}.csv`;
  const response = await request(`/export/metrics/${name}`, { query });
  return { blob: await response.blob(), name };
}

export const problemIn = async ({ response, status }) =>
  response?.message ? new Problem(await inWords(response)) : unreadable(status);

export const uploads = () => getJson("/uploads");
export const beginUpload = (body) => getJson("/uploads", { method: "POST", body });
export const findUpload = async (id) => (await request(`/uploads/${id}`)).json();
export const finishUpload = (id) => getJson(`/uploads/${id}/finish`, { method: "POST" });
export const endUpload = (id) => request(`/uploads/${id}`, { method: "DELETE" });

/** XMLHttpRequest, since fetch does not tell how much of a body was sent. */
export async function upload(file, name, importId, onProgress) {
  const token = await bearer();
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", address("/activities/import", { name, import_id: importId }));
    sending.setRequestHeader("Authorization", `Bearer ${token}`);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.responseType = "json";
    sending.upload.onprogress = (event) => onProgress(event.loaded / (event.total || 1));
    sending.onerror = () => reject(unreachable());
    sending.onload = () => {
      if (sending.status === 202) resolve(sending.response);
      else problemIn(sending).then(reject);
    };
    sending.send(file);
  });
}
