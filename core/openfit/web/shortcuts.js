// Keys that do what the mouse does: "g" and a letter goes to a page, "?" shows all of them. Whoever
// speaks to the browser or presses keys by accident can switch them off.

import { signal } from "@preact/signals";
import { adding } from "./adding.js";
import { go } from "./router.js";
import { signedIn, viewed } from "./session.js";
import { recall, remember } from "./storage.js";

const SECOND_KEY_MS = 1500;

export const GOES = {
  t: ["/", "today"],
  s: ["/sleep", "sleep"],
  a: ["/activities", "activity"],
  l: ["/training", "training"],
  m: ["/metrics", "trends"],
  n: ["/journal", "journal"],
  j: ["/jobs", "jobs"],
  o: ["/more", "more"],
};

let seeking = false;
export const helpOpen = signal(false);
export const shortcuts = signal(recall("shortcuts") !== "off");

export function switchShortcuts(on) {
  shortcuts.value = on;
  remember("shortcuts", on ? null : "off");
}

/** The search of the page one is on, else the one over all that is written. */
function toSearch() {
  const field = document.querySelector("main input[type=search]");
  if (field) return field.focus();
  seeking = true;
  go("/journal");
}

/** Whether one came by the key for searching; true once. */
export function cameToSearch() {
  const came = seeking;
  seeking = false;
  return came;
}

const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

export function watchKeys() {
  let begun = 0;
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!shortcuts.peek()) return;
    const goes = event.timeStamp - begun < SECOND_KEY_MS && GOES[event.key];
    begun = event.key === "g" ? event.timeStamp : 0;
    if (goes) go(goes[0]);
    else if (event.key === "/") toSearch();
    else if (event.key === "+" && signedIn.peek() && !viewed.peek()) adding.value ??= {};
    else if (event.key === "?") helpOpen.value = true;
    else return;
    event.preventDefault();
  });
}
