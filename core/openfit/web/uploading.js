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
export const keyOf = (file, name) => [name, file.size, file.lastModified].join("|");

export const inPieces = (file) => file.size > PIECE;

export async function forgetUpload(key) {
  const { id } = unfinished.peek()[key] ?? {};
  note(key, null);
  if (id) await api.endUpload(id).catch(() => {}); // the hub forgets it by itself in a day
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
  const key = keyOf(file, name);
  let upload = await patiently(() => begun(file, name, importId, key));
  for (let at = upload.offset; at < file.size; ) {
    try {
      await piece(upload.upload_id, file.slice(at, at + PIECE), at, (sent) => onProgress((at + sent) / file.size));
      at = Math.min(at + PIECE, file.size);
    } catch (problem) {
      if (problem.code !== "unreachable" && problem.status !== 409 && problem.status < 500) throw problem;
      at = (await patiently(() => api.findUpload(upload.upload_id))).offset;
    }
    note(key, { sent: at });
    onProgress(at / file.size);
  }
  upload = await patiently(() => api.finishUpload(upload.upload_id));
  note(key, null);
  return upload;
}

/** Again and again while the hub cannot be reached, ever more slowly. */
async function patiently(work) {
  for (let wait = SOON_MS, tries = 1; ; wait = Math.min(wait * 1.5, LATEST_MS), tries += 1) {
    try {
      return await work();
    } catch (problem) {
      if (problem.code !== "unreachable" || tries >= MOST_TRIES) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function piece(id, bytes, offset, onProgress) {
  const token = await bearer();
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PATCH", api.address(`/uploads/${id}`));
    sending.setRequestHeader("Authorization", `Bearer ${token}`);
    sending.setRequestHeader("Content-Type", "application/offset+octet-stream");
    sending.setRequestHeader("Upload-Offset", String(offset));
    sending.responseType = "json";
    sending.upload.onprogress = (event) => onProgress(event.loaded);
    sending.onerror = () => reject(api.unreachable());
    sending.onload = () => {
      if (sending.status === 204) resolve();
      else api.problemIn(sending).then(reject);
    };
    sending.send(bytes);
  });
}
