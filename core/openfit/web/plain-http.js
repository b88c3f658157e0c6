// A hub whose own address is encrypted hands out its sign-in for that address alone: over plain http
// no browser keeps it.

import { signal } from "@preact/signals";

/** The hub's own address, where it has one. */
export const home = signal(null);

const onThisMachine = (host) => /^(localhost|(.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** The same page at the hub's own address, if a sign-in would not last where it was opened. */
export function better(own, { protocol, hostname, pathname = "/", hash = "" }) {
  if (protocol !== "http:" || onThisMachine(hostname) || !URL.canParse(own ?? "")) return null;
  const there = new URL(pathname + hash, own);
  return there.protocol === "https:" ? there : null;
}
