// Who looks at the page, and whose data they see. A session's access token lives in this page alone;
// what renews it is in a cookie that no script can read. A key from a link stays in this browser.

import { computed, signal } from "@preact/signals";
import { forgetSeen } from "./offline.js";
import { recall, remember } from "./storage.js";

const AUTH = "/api/v1/auth";
const EARLY_MS = 60_000;
const PAGE = { "Content-Type": "application/json", "X-OpenFit-Page": "1" };

export const token = signal(recall("token"));
export const demo = signal(false);
/** {id, name, email, role}; null while a key is used or nothing is known yet. */
export const user = signal(JSON.parse(recall("user") ?? "null"));
/** Others whose data may be seen, and the one whose is. */
export const others = signal([]);
export const viewed = signal(null);
const hasSession = signal(recall("session") === "yes");
export const signedIn = computed(() => Boolean(token.value) || hasSession.value);

let endsAt = Infinity;

/** Whose answers are kept to be read offline. */
export const owner = () => `${user.peek()?.id ?? "key"}-${viewed.peek()?.id ?? "own"}`;

/** With a key, as it stands in a link that the hub printed. */
export function signIn(key) {
  remember("token", key.trim());
  endsAt = Infinity;
  token.value = key.trim();
}

/** With what the hub answered to a password, a code or a link. */
export function begin({ access_token: access, expires_in: seconds, user: who }) {
  remember("session", "yes");
  remember("token", null);
  remember("user", JSON.stringify(who));
  endsAt = Date.now() + seconds * 1000 - EARLY_MS;
  user.value = who;
  token.value = access;
  hasSession.value = true;
}

/** Nothing of a person stays in the browser. */
export function forget() {
  for (const name of ["token", "session", "user"]) remember(name, null);
  token.value = user.value = viewed.value = null;
  others.value = [];
  hasSession.value = false;
  return forgetSeen();
}

export async function signOut() {
  const ended = hasSession.peek() ? post("/logout", {}).catch(() => {}) : null;
  await Promise.all([ended, forget()]);
}

export const post = (path, body) =>
  fetch(AUTH + path, { method: "POST", headers: PAGE, body: JSON.stringify(body) });

/** A session that was begun before goes on. */
export async function resume() {
  if (!token.peek() && hasSession.peek()) await renew().catch(() => {}); // offline: read what was seen
}

/** The token to send, renewed when it is about to end. */
export async function bearer() {
  if (hasSession.peek() && (!token.peek() || Date.now() > endsAt)) await renew();
  return token.peek();
}

let renewing = null;

/** One at a time over all open pages: a token that renews is good once. False: it is over. */
export function renew() {
  renewing ??= oneByOne(renewNow).finally(() => (renewing = null));
  return renewing;
}

const oneByOne = (work) =>
  navigator.locks ? navigator.locks.request("openfit-session", work) : work();

async function renewNow() {
  const response = await post("/refresh", {});
  if (response.ok) begin(await response.json());
  else if (response.status === 401) await forget();
  return response.ok;
}

export const canRenew = () => hasSession.peek();

/** The link that the hub prints carries the key behind `#`, which no server ever sees. */
export function takeTokenFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!found) return;
  signIn(found);
  const path = location.pathname === "/sign-in" ? "/" : location.pathname;
  history.replaceState(null, "", path + location.search);
}

/** Signed out in one page is signed out in all. */
addEventListener("storage", ({ key, newValue }) => {
  if (newValue === null && (key === "openfit.session" || key === "openfit.token")) forget();
});

// Whose data ---------------------------------------------------------------------------------------

export function setPeople(found) {
  others.value = found.filter(({ role }) => role !== "self");
}

export function look(id) {
  viewed.value = others.peek().find((one) => one.id === id) ?? null;
}
