// Light, dark, or as the system says.

import { effect, signal } from "@preact/signals";
import { recall, remember } from "./storage.js";

export const THEMES = ["system", "light", "dark"];
export const theme = signal(recall("theme") ?? "system");

const system = matchMedia("(prefers-color-scheme: dark)");
export const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

/** Counts up whenever colours change, for what is painted on a canvas. */
export const palette = signal(0);

effect(() => {
  const chosen = theme.value;
  const follow = chosen === "system";
  if (follow) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  remember("theme", follow ? null : chosen);
  void systemDark.value;
  palette.value = palette.peek() + 1;
});

/** A custom property as a canvas understands it: the colour that `light-dark()` comes out as. */
export function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
