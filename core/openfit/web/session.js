// The token of the person who looks at the page.

import { signal } from "@preact/signals";
import { recall, remember } from "./storage.js";

export const token = signal(recall("token"));
export const demo = signal(false);

export function signIn(value) {
  const trimmed = value.trim();
  remember("token", trimmed);
  token.value = trimmed;
}

export function signOut() {
  remember("token", null);
  token.value = null;
}

/** The link that the hub prints carries the token behind `#`, which no server ever sees. */
export function takeTokenFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!found) return;
  signIn(found);
  history.replaceState(null, "", location.pathname === "/sign-in" ? "/" : location.pathname);
}
