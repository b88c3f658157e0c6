// Handing files over: they are sent a few at a time, then the hub is asked how reading them goes.

import { signal } from "@preact/signals";

import { getImport, Problem, upload } from "./api.js";
import { reload } from "./outings.js";

const AT_ONCE = 3;
const ASK_EVERY_MS = 600;
const HIDDEN = /(^|\/)(\.|Thumbs\.db$|desktop\.ini$)/; // what systems leave behind in folders

const FINAL = new Set(["imported", "duplicate", "partial", "failed", "unsupported"]);
const SENT = new Set([...FINAL, "queued", "reading"]);

// One line a file: {name, size, status, progress, warnings, error, activities, counts}
export const files = signal([]);
export const shown = signal(false);
export const lost = signal(null); // why the hub could not be asked, if so

export const isFinal = (file) => FINAL.has(file.status);
export const isSent = (file) => SENT.has(file.status);
export const isRunning = () => files.value.some((file) => !isFinal(file));

const change = (index, values) => {
  files.value = files.value.map((file, n) => (n === index ? { ...file, ...values } : file));
};

let queue = Promise.resolve();

export function take(given) {
  const wanted = given.filter(({ name }) => !HIDDEN.test(name));
  if (!wanted.length) return;
  if (!isRunning()) files.value = [];
  const first = files.value.length;
  const waiting = wanted.map(({ name, file }) => ({ name, size: file.size, status: "waiting" }));
  files.value = [...files.value, ...waiting];
  shown.value = true;
  queue = queue.then(() => run(wanted, first));
}

async function run(wanted, first) {
  const numbers = new Map(); // number within the import -> line
  const batch = { id: undefined, sending: true };
  const send = async (n) => {
    change(first + n, { status: "sending", progress: 0 });
    try {
      const taken = await upload(wanted[n].file, wanted[n].name, batch.id, (progress) =>
        change(first + n, { progress }),
      );
      batch.id = taken.import_id;
      numbers.set(taken.number, first + n);
      change(first + n, { status: "queued" });
    } catch (problem) {
      change(first + n, { status: "failed", error: problemLine(problem) });
    }
  };
  let next = 0;
  while (!batch.id && next < wanted.length) await send(next++); // the first one names the import
  const following = batch.id ? follow(batch, numbers) : Promise.resolve();
  const sender = async () => {
    while (next < wanted.length) await send(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  batch.sending = false;
  await following;
  await reload();
}

const problemLine = ({ code, message, nextStep }) => ({ code, message, next_step: nextStep });

async function follow(batch, numbers) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    const report = await getImport(batch.id).catch((problem) => problem);
    if (report instanceof Problem) {
      lost.value = report;
      if (report.status) return;
      continue;
    }
    lost.value = null;
    for (const file of report.files) {
      if (numbers.has(file.number)) change(numbers.get(file.number), reportOf(file));
    }
    if (!batch.sending && report.state === "done") return;
  }
}

const reportOf = ({ status, counts, warnings, error, activities }) => ({
  status,
  counts,
  warnings,
  error,
  activities,
});

export function countByStatus() {
  const counts = {};
  for (const { status } of files.value) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
