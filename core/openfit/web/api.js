// The hub's API, as any client sees it. Failures are thrown as a Problem with a next step.

import { signOut, token } from "./session.js";
import { text } from "./text.js";

const BASE = "/api/v1";

export class Problem extends Error {
  constructor({ status = 0, code = "unknown", message, next_step = "" }) {
    super(message);
    Object.assign(this, { status, code, nextStep: next_step });
  }
}

const authorization = () => (token.value ? { authorization: `Bearer ${token.value}` } : {});

export function problemOf(status, body) {
  let said = {};
  try {
    said = JSON.parse(body);
  } catch {
    // A proxy in between may answer in HTML; the status has to do then.
  }
  if (status === 401) signOut(text.signIn.refused);
  return new Problem({ message: text.problem.status(status), ...said, status });
}

export async function call(method, path, { query, body, signal } = {}) {
  const response = await fetch(address(path, query), {
    method,
    signal,
    headers: { ...authorization(), ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem({ code: "unreachable", ...text.problem.unreachable });
  });
  if (!response.ok) throw problemOf(response.status, await response.text());
  return response;
}

function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given);
  return BASE + path + (search.size ? `?${search}` : "");
}

const json = async (method, path, options) => (await call(method, path, options)).json();

export const getMeta = () => json("GET", "/meta");
export const getActivities = (query) => json("GET", "/activities", { query });
export const getActivity = (id, signal) => json("GET", `/activities/${id}`, { signal });
export const getStreams = (id, query, signal) =>
  json("GET", `/activities/${id}/streams`, { query, signal });
export const getTrack = (id, query, signal) =>
  json("GET", `/activities/${id}/track`, { query, signal });
export const correctActivity = (id, body) => json("PATCH", `/activities/${id}`, { body });
export const deleteActivity = (id) => call("DELETE", `/activities/${id}`);
export const getImports = (limit) => json("GET", "/imports", { query: { limit } });
export const getImport = (id) => json("GET", `/imports/${id}`);
export const getIntegrations = () => json("GET", "/integrations");
export const syncNow = (connection) => json("POST", `/connections/${connection}/sync`);
export const getMetrics = () => json("GET", "/metrics");

// A link cannot carry the token, so the original is fetched and then saved under its name.
export async function saveOriginal(receipt, name) {
  const response = await call("GET", `/raw/${receipt}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// `fetch` cannot tell how much of a body has gone out; the older interface can.
export function upload(file, name, importId, onProgress) {
  const request = new XMLHttpRequest();
  request.open("POST", address("/activities/import", { name, import_id: importId }));
  request.setRequestHeader("authorization", authorization().authorization ?? "");
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.onprogress = (event) => onProgress(event.loaded / (event.total || 1));
  return new Promise((resolve, reject) => {
    const unreachable = () =>
      reject(new Problem({ code: "unreachable", ...text.problem.unreachable }));
    request.onerror = unreachable;
    request.onabort = unreachable;
    request.onload = () =>
      request.status < 300
        ? resolve(JSON.parse(request.responseText))
        : reject(problemOf(request.status, request.responseText));
    request.send(file);
  });
}
