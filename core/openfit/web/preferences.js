// How a person likes to read, as this browser remembers it and as the hub keeps it for all of theirs.

import * as account from "./account-api.js";
import { demo, signedIn } from "./session.js";
import { recall, remember } from "./storage.js";
import { theme } from "./theme.js";

const NAMES = ["language", "units", "week_start", "theme"];
const LOADED = ["language", "units", "week_start"]; // read once, as the page is loaded

export const display = {
  /** All of them after one was changed. */
  remember(name, value) {
    remember(name, value);
    return Object.fromEntries(NAMES.map((one) => [one, recall(one)]));
  },
};

let choices = 0;

export function chooseTheme(name) {
  choices += 1;
  theme.value = name;
  if (signedIn.peek() && !demo.peek()) account.prefer(display.remember("theme", name === "system" ? null : name)).catch(() => {});
}

/** What was chosen on another device holds here as well. */
export async function followPreferences() {
  const before = choices;
  const said = await account.preferences();
  if (choices !== before) return; // what was chosen meanwhile is newer
  const differs = LOADED.some((name) => (said[name] ?? null) !== recall(name));
  for (const name of LOADED) remember(name, said[name] ?? null);
  if ((said.theme ?? "system") !== theme.peek()) theme.value = said.theme ?? "system";
  if (differs) location.reload();
}
