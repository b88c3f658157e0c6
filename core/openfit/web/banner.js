// What the owner of the hub announces to everybody. Dismissed, it stays away until it says something else.

import { signal } from "@preact/signals";
import * as api from "./api.js";
import { recall, remember } from "./storage.js";

const CALM_MS = 60_000;

/** {level, message, until}, or null. */
const announced = signal(null);
const dismissed = signal(recall("banner"));

/** What is to be shown of it. */
export const banner = () => (announced.value?.message === dismissed.value ? null : announced.value);

export function dismiss() {
  dismissed.value = announced.peek().message;
  remember("banner", dismissed.value);
}

let asked = 0;

/** Without an answer, as before. */
export async function askBanner() {
  asked = Date.now();
  announced.value = await api.appStatus().then((found) => found.banner, () => announced.peek());
}

/** Who comes back to the page after a while sees what was announced meanwhile. */
export function followBanner() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked > CALM_MS) askBanner();
  });
}
