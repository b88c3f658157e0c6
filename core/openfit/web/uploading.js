// Large files go in pieces: a broken connection goes on by itself, and a page that was closed goes
// on when the same file is chosen again.

import { signal } from "@preact/signals";
import * as api from "./api.js";
import { bearer } from "./session.js";
import { recall, remember } from "./storage.js";

export const PIECE = 8 * 1024 * 1024;
const [SOON_MS, LATEST_MS, MOST_TRIES] = [1000, 30_000, 60];
const NAME = "uploads";

/** What was begun and not ended, by file: {key: {id, name, size, sent}}. */
export const unfinished = signal(JSON.parse(recall(NAME) ?? "{}"));

function note(key, fields) {
  const { [key]: before, ...others } = unfinished.peek();
  const next = fields ? { ...others, [key]: { ...before, ...fields } } : others;
  unfinished.value = next;
  remember(NAME, Object.keys(next).length ? JSON.stringify(next) : null);
}

/** The same file, as far as a browser can tell without reading it. */
const keyOf = (file, name) => [name, file.size, file.lastModified].join("|");

export const inPieces = (file) => file.size > PIECE;

/** Another page, or this one before it was closed, began it: the same file goes on from there. */
export function adopt({ upload_id: id, name, size, offset: sent }, file) {
  note(keyOf(file, name), { id, name, size, sent });
}

/** The file that is on its way stays where it is, and can be taken up again. */
export const STOPPED = "stopped";
let sending = new AbortController();
export const stopSending = () => sending.abort();
const stopped = () => Object.assign(new Error(STOPPED), { code: STOPPED });

export async function forgetUpload(key) {
  const { id } = unfinished.peek()[key] ?? {};
  note(key, null);
  if (id) await api.endUpload(id).catch(() => {}); // the hub forgets it by itself in a day
}

/** Thrown away here and on the hub, whoever began it. */
export async function discard({ upload_id: id }) {
  const key = Object.keys(unfinished.peek()).find((one) => unfinished.peek()[one].id === id);
  if (key) note(key, null);
  await api.endUpload(id);
}

async function begun(file, name, importId, key) {
  const known = unfinished.peek()[key];
  if (known) {
    const found = await api.findUpload(known.id).catch((problem) => {
      if (problem.status !== 404) throw problem;
      return null; // the hub has forgotten it
    });
    if (found) return found;
  }
  const made = await api.beginUpload({ name, size: file.size, ...(importId && { import_id: importId }) });
  note(key, { id: made.upload_id, name, size: file.size, sent: 0 });
  return made;
}

/** Sends all of it; answers {import_id, number}. `onProgress` hears the share that is sent. */
export async function sendInPieces(file, name, importId, onProgress) {
  sending = new AbortController();
  const key = keyOf(file, name);
  let upload = await patiently(() => begun(file, name, importId, key));
  let failures = 0; // in a row
  for (let at = upload.offset; at < file.size; ) {
    if (sending.signal.aborted) throw stopped();
    try {
      await piece(upload.upload_id, file.slice(at, at + PIECE), at, (sent) => onProgress((at + sent) / file.size));
      at = Math.min(at + PIECE, file.size);
      failures = 0;
    } catch (problem) {
      if (!mayPass(problem) || (failures += 1) > MOST_TRIES) throw problem;
      await pause(Math.min(SOON_MS * 1.5 ** (failures - 1), LATEST_MS));
      at = (await patiently(() => api.findUpload(upload.upload_id))).offset;
    }
    note(key, { sent: at });
    onProgress(at / file.size);
  }
  upload = await patiently(() => api.finishUpload(upload.upload_id));
  note(key, null);
  return upload;
}

/** A broken line, a piece that another page sent first, a hub that is being started. */
const mayPass = ({ code, status }) => code === "unreachable" || status === 409 || status >= 500;

const pause = (wait) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    sending.signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
  });

/** Again and again while the hub cannot be reached, ever more slowly. */
async function patiently(work) {
  for (let wait = SOON_MS, tries = 1; ; wait = Math.min(wait * 1.5, LATEST_MS), tries += 1) {
    try {
      return await work();
    } catch (problem) {
      if (problem.code !== "unreachable" || tries >= MOST_TRIES) throw problem;
    }
    await pause(wait);
    if (sending.signal.aborted) throw stopped();
  }
}

async function piece(id, bytes, offset, onProgress) {
  const token = await bearer();
  return new Promise((resolve, reject) => {
    const one = new XMLHttpRequest();
    one.open("PATCH", api.address(`/uploads/${id}`));
    one.setRequestHeader("Authorization", `Bearer ${token}`);
    one.setRequestHeader("Content-Type", "application/offset+octet-stream");
    one.setRequestHeader("Upload-Offset", String(offset));
    one.responseType = "json";
    one.upload.onprogress = (event) => onProgress(event.loaded);
    one.onerror = () => reject(api.unreachable());
    one.onabort = () => reject(stopped());
    one.onload = () => {
      if (one.status === 204) resolve();
      else api.problemIn(one).then(reject);
    };
    sending.signal.addEventListener("abort", () => one.abort(), { once: true });
    one.send(bytes);
  });
}
