// Light or dark: the system's choice unless the reader makes one.

import { signal } from "@preact/signals";

const KEY = "openfit.theme";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

export const THEMES = ["system", "light", "dark"];
export const theme = signal(localStorage.getItem(KEY) ?? "system");

// Counts changes of what is on screen, for those who draw on a canvas and must draw again.
export const repaint = signal(0);

export function choose(name) {
  theme.value = name;
  if (name === "system") {
    localStorage.removeItem(KEY);
    delete root.dataset.theme;
  } else {
    localStorage.setItem(KEY, name);
    root.dataset.theme = name;
  }
  repaint.value++;
}

system.addEventListener("change", () => repaint.value++);

// A canvas does not know custom properties: an element resolves them.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
