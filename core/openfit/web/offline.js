// Reading without a hub: answers that were seen are kept in this browser, per person, until that
// person signs out. Nothing is kept that opens anything: no tokens, keys, sessions or grants.

import { signal } from "@preact/signals";

const PREFIX = "openfit-seen-";
const MOST = 400; // answers, of which the oldest go first
const WHEN = "x-openfit-seen-at";
const KEPT =
  /^\/api\/v1\/(today|activities|metrics|sleep|wellness|history|trends|journal|tags|analytics|profile|integrations|devices|sources|imports)(\/|\?|$)/;
const NEVER = /\/(import|raw|originals?)(\/|\?|$)/;

/** When the oldest answer on show was given; null while the hub answers. */
export const offlineSince = signal(null);

const usable = () => "caches" in globalThis;
const nameOf = (person) => PREFIX + person;

const isKept = (address) => KEPT.test(address) && !NEVER.test(address);

/** Keeps a copy of an answer. A full disk or a private window costs the copy, not the page. */
export async function keep(person, address, response) {
  offlineSince.value = null;
  if (!usable() || !person || !isKept(address)) return;
  try {
    const headers = new Headers({ "content-type": response.headers.get("content-type") ?? "" });
    headers.set(WHEN, new Date().toISOString());
    const cache = await caches.open(nameOf(person));
    await cache.put(address, new Response(await response.blob(), { headers }));
    const known = await cache.keys();
    for (const old of known.slice(0, Math.max(0, known.length - MOST))) await cache.delete(old);
  } catch {
    // not kept
  }
}

/** What was seen last at an address, or null. */
export async function seen(person, address) {
  if (!usable() || !person || !isKept(address)) return null;
  const cache = await caches.open(nameOf(person));
  const found = await cache.match(address);
  if (!found) return null;
  const at = found.headers.get(WHEN);
  if (!offlineSince.value || at < offlineSince.value) offlineSince.value = at;
  return found;
}

/** Everything that was seen, of everybody: signing out leaves nothing to read. */
export async function forgetSeen() {
  offlineSince.value = null;
  if (!usable()) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX)).map((name) => caches.delete(name)));
}

/** The shell without a hub. Browsers have service workers on https and on this machine only. */
export function installOffline() {
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
}
