// Who is signed in, in this browser: the owner's token, kept in local storage.

import { signal } from "@preact/signals";

const KEY = "openfit.token";

export const token = signal(localStorage.getItem(KEY));
export const refusal = signal(null); // why the last token was not taken

export function signIn(value) {
  localStorage.setItem(KEY, value);
  refusal.value = null;
  token.value = value;
}

export function signOut(reason = null) {
  localStorage.removeItem(KEY);
  refusal.value = reason;
  token.value = null;
}

// The link that the hub prints carries the token behind a #, which no server ever sees.
export function takeFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  signIn(given);
}
