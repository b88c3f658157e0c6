// Files on their way into the hub: sent one after another, then followed until each is read.

import { signal } from "@preact/signals";
import * as api from "./api.js";
import { token } from "./session.js";
import { text } from "./text.js";

const FIRST_LOOK_MS = 300;
const SLOWEST_LOOK_MS = 3000;
const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** The import that is shown: {files: [{key, name, size, status, sent, …}], problem}, or null. */
export const current = signal(null);
export const dragging = signal(false);
/** Counts imports that came to their end, for lists that then have more to show. */
export const finishedImports = signal(0);

let queue = [];
let running = false;
let importId = null;

export function importFiles(files) {
  const wanted = files.filter(({ file }) => !SYSTEM_FILES.has(file.name));
  const before = running ? (current.peek()?.files ?? []) : [];
  const added = wanted.map(({ file, name }, n) => ({
    key: before.length + n,
    file,
    name: name || file.name,
    size: file.size,
    status: "waiting",
    sent: 0,
  }));
  const nothing = added.length ? null : { message: text.importing.empty };
  current.value = { files: [...before, ...added], problem: nothing };
  queue.push(...added);
  if (!running && added.length) run();
}

function change(key, fields) {
  const { files, problem } = current.peek();
  const next = files.map((file) => (file.key === key ? { ...file, ...fields } : file));
  current.value = { files: next, problem };
}

async function run() {
  running = true;
  importId = null;
  while (queue.length) {
    for (let next = queue.shift(); next; next = queue.shift()) await send(next);
    if (importId) await follow(() => queue.length > 0);
  }
  running = false;
  finishedImports.value += 1;
}

async function send(entry) {
  change(entry.key, { status: "sending" });
  const onProgress = (sent) => change(entry.key, { sent });
  try {
    const taken = await api.upload(entry.file, entry.name, importId ?? undefined, onProgress);
    importId = taken.import_id;
    change(entry.key, { status: "queued", number: taken.number, sent: 1 });
  } catch (problem) {
    const { code, message, nextStep } = problem;
    change(entry.key, { status: "failed", error: { code, message, next_step: nextStep } });
  }
}

async function follow(interrupted) {
  for (let wait = FIRST_LOOK_MS; !interrupted(); wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const report = await api.importReport(importId);
      merge(report);
      if (report.state === "done") return;
    } catch (problem) {
      if (!token.peek()) return;
      current.value = { ...current.peek(), problem: { ...problem, message: text.importing.lost } };
    }
  }
}

function merge(report) {
  const byNumber = new Map(report.files.map((file) => [file.number, file]));
  const { files } = current.peek();
  const next = files.map((file) => ({ ...file, ...byNumber.get(file.number), name: file.name }));
  current.value = { files: next, problem: null };
}

export function close() {
  current.value = null;
}

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
  const carriesFiles = (event) => token.peek() && event.dataTransfer?.types.includes("Files");
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
