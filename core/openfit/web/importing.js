// Files on their way into the hub: sent one after another, then followed until each is read.

import { signal } from "@preact/signals";
import * as api from "./api.js";
import { signedIn } from "./session.js";
import { text } from "./text.js";
import { inPieces, sendInPieces, STOPPED, stopSending } from "./uploading.js";

const FIRST_LOOK_MS = 300;
const SLOWEST_LOOK_MS = 3000;
const GOING = new Set(["running", "cancelling"]);
const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** Whether an import moves: one whose files all wait for a plugin does not. */
export const moves = ({ state, remaining_reason: reason }) => GOING.has(state) && reason !== "no_plugin";

/** The import that is shown: {files: [{key, name, size, status, sent, …}], report, problem}. */
export const current = signal(null);
export const dragging = signal(false);
/** Counts imports that came to their end, for lists that then have more to show. */
export const finishedImports = signal(0);

let queue = [];
let running = false;
let takenUp = false; // what is followed was not sent from here
let importId = null;

export function importFiles(files) {
  const wanted = files.filter(({ file }) => !SYSTEM_FILES.has(file.name));
  const before = running && !takenUp ? (current.peek()?.files ?? []) : [];
  const added = wanted.map(({ file, name }, n) => ({
    key: before.length + n,
    file,
    name: name || file.name,
    size: file.size,
    status: "waiting",
    sent: 0,
  }));
  if (added.length) takenUp = false; // these have a report of their own
  const nothing = added.length ? null : { message: text.importing.empty };
  current.value = { files: [...before, ...added], problem: nothing };
  queue.push(...added);
  if (!running && added.length) run();
}

function change(key, fields) {
  if (!current.peek()) return; // signed out meanwhile
  const { files, ...rest } = current.peek();
  const next = files.map((file) => (file.key === key ? { ...file, ...fields } : file));
  current.value = { ...rest, files: next };
}

async function run() {
  running = true;
  importId = null;
  while (queue.length) {
    for (let next = queue.shift(); next; next = queue.shift()) await send(next);
    if (importId) await follow(() => queue.length > 0);
  }
  ended();
}

/** An import that went on while no page was open is shown again. */
export async function takeUp() {
  if (running) return;
  const { items } = await api.imports({ limit: 10, files: 0 });
  const going = items.find(moves);
  if (going && !running) watch(going.import_id);
}

async function watch(id) {
  running = true;
  takenUp = true;
  importId = id;
  current.value ??= { files: [], problem: null };
  await follow(() => queue.length > 0);
  if (queue.length) run();
  else ended();
}

/** Lists show more at once, and once more when the days of the import are derived: recordings of
 * one event are one line only then. Nothing is said when the hub cannot be asked meanwhile. */
async function ended() {
  running = false;
  finishedImports.value += 1;
  const report = current.peek()?.report;
  if (!report?.deriving) return;
  const overtaken = () => running || importId !== report.import_id;
  const noFiles = () => api.importReport(report.import_id, report.total + 1);
  await look(noFiles, overtaken, ({ deriving }) => !deriving);
  if (!overtaken()) finishedImports.value += 1;
}

export async function cancel() {
  const unsent = new Set(queue.map(({ key }) => key));
  queue = [];
  stopSending();
  const { files, ...rest } = current.peek();
  const left = files.map((file) => (unsent.has(file.key) ? { ...file, status: "cancelled" } : file));
  current.value = { ...rest, files: left };
  if (importId) await say(api.cancelImport);
}

export async function resume() {
  await say(api.resumeImport);
  if (!running) watch(importId);
}

async function say(what) {
  try {
    merge(await what(importId));
  } catch (problem) {
    current.value = { ...current.peek(), problem };
  }
}

async function send(entry) {
  change(entry.key, { status: "sending" });
  const onProgress = (sent) => change(entry.key, { sent });
  try {
    const send = inPieces(entry.file) ? sendInPieces : api.upload;
    const taken = await send(entry.file, entry.name, importId ?? undefined, onProgress);
    importId = taken.import_id;
    change(entry.key, { status: "queued", number: taken.number, sent: 1 });
  } catch (problem) {
    const { code, message, nextStep } = problem;
    if (code === STOPPED) return change(entry.key, { status: "cancelled" });
    change(entry.key, { status: "failed", error: { code, message, next_step: nextStep } });
  }
}

async function follow(interrupted) {
  const enough = async (report) => {
    const going = moves(report);
    const known = going ? report : await whole(report);
    if (!interrupted()) merge(known);
    return !going;
  };
  await look(() => api.importReport(importId), interrupted, enough, (problem) => {
    current.value = { ...current.peek(), problem: { ...problem, message: text.importing.lost } };
  });
}

/** Ask again and again, ever more rarely, until the answer is `enough`. */
async function look(ask, interrupted, enough, failed = () => {}) {
  for (let wait = FIRST_LOOK_MS; !interrupted(); wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const answer = await ask();
      if (interrupted() || (await enough(answer))) return;
    } catch (problem) {
      if (!signedIn.peek()) return;
      failed(problem);
    }
  }
}

/** With the files that did not fit in one answer. */
async function whole(report) {
  const files = [...report.files];
  for (let next = report.next_number; next != null; ) {
    const more = await api.importReport(report.import_id, next);
    files.push(...more.files);
    next = more.next_number;
  }
  return { ...report, files };
}

function merge({ files: reported, ...report }) {
  const byNumber = new Map(reported.map((file) => [file.number, file]));
  const { files } = current.peek() ?? { files: [] };
  const sent = new Set(files.map(({ number }) => number));
  const known = files.map((file) => ({ ...file, ...byNumber.get(file.number), name: file.name }));
  const others = reported
    .filter(({ number }) => !sent.has(number))
    .map((file) => ({ ...file, key: `taken-up-${file.number}`, sent: 1 }));
  current.value = { files: [...known, ...others], report, problem: null };
}

export function close() {
  current.value = null;
}

/** What one person brought is not for the eyes of who signs in next. */
signedIn.subscribe((someone) => {
  if (someone) return;
  queue = [];
  importId = null;
  close();
});

// What people drop ---------------------------------------------------------------------------------

export function fromInput(input) {
  const chosen = [...input.files].map((file) => ({ file, name: file.webkitRelativePath }));
  input.value = "";
  importFiles(chosen);
}

async function entriesIn(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.slice(1) }];
  }
  return (await Promise.all((await entriesIn(entry)).map(filesOf))).flat();
}

async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length) return (await Promise.all(entries.map(filesOf))).flat();
  return [...transfer.files].map((file) => ({ file, name: file.name }));
}

/** Files may be dropped anywhere on the page. */
export function watchDrops() {
  const carriesFiles = (event) => signedIn.peek() && event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    dragging.value = true;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) dragging.value = false;
  });
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    dragging.value = false;
    importFiles(await dropped(event.dataTransfer));
  });
}
