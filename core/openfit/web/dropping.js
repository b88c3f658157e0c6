// Files from a drop or a file chooser, with the folders that hold them walked through.

import { signal } from "@preact/signals";

import { take } from "./importing.js";

export const hovering = signal(false);

const nameOf = (file) => file.webkitRelativePath || file.name;

export function takeChosen(event) {
  take([...event.target.files].map((file) => ({ name: nameOf(file), file })));
  event.target.value = ""; // so that the same file may be chosen again
}

// A folder's reader hands out its entries in portions, until an empty one.
async function* walk(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield { name: path + entry.name, file };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) yield* walk(inner, `${path}${entry.name}/`);
  }
}

async function takeDropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const loose = entries.length ? [] : [...transfer.files];
  const found = loose.map((file) => ({ name: file.name, file }));
  for (const entry of entries) {
    for await (const one of walk(entry, "")) found.push(one);
  }
  take(found);
}

const brings = (event) => event.dataTransfer?.types.includes("Files");

export function start() {
  let depth = 0; // every element that the pointer crosses enters and leaves once
  addEventListener("dragenter", (event) => {
    if (!brings(event)) return;
    depth++;
    hovering.value = true;
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    hovering.value = depth > 0;
  });
  addEventListener("dragover", (event) => brings(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    depth = 0;
    hovering.value = false;
    if (!brings(event)) return;
    event.preventDefault();
    takeDropped(event.dataTransfer);
  });
}
