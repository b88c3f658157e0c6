// What stands behind the `?` of the address: the state of a page, so that a link leads back to it.

import { signal } from "@preact/signals";

export const query = signal(location.search);

addEventListener("popstate", () => (query.value = location.search)); // every way to a new address

export const asked = () => Object.fromEntries(new URLSearchParams(query.value));

const filled = (given) => Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== "");

export function addressOf(pathname, given) {
  const search = new URLSearchParams(filled(given)).toString();
  return pathname + (search && `?${search}`);
}

/** Changes some of what is asked. `push` makes it a step that the back button takes back. */
export function ask(changes, { push = true } = {}) {
  const to = addressOf(location.pathname, { ...asked(), ...changes });
  if (to === location.pathname + location.search) return;
  history[push ? "pushState" : "replaceState"](null, "", to);
  query.value = location.search;
}
