// What the hub wants to tell: asked when the page opens, after something happened, and when the page
// comes back into sight. Nothing is asked by the clock.

import { signal } from "@preact/signals";
import * as account from "./account-api.js";
import { changes, progress } from "./live.js";
import { viewed } from "./session.js";

const CALM_MS = 4000; // an import tells much in a row

/** {items, unread}; null until the hub said. */
export const told = signal(null);
export const problem = signal(null);
/** How many are unread; none while somebody else's data is shown. */
export const unread = () => (viewed.value ? 0 : (told.value?.unread ?? 0));

let turn = 0;

/** An answer that was overtaken by a later question is dropped. */
async function settle(asked) {
  const mine = ++turn;
  const [value, failure] = await asked.then((found) => [found, null], (error) => [told.peek(), error]);
  if (mine !== turn) return;
  told.value = value;
  problem.value = failure;
}

export const ask = () => settle(account.notices());
/** These, or all. */
export const markRead = (ids) => settle(account.readNotices(ids));

/** Until the function that it returns is called. */
export function followNotices() {
  let waiting = null;
  const soon = () => {
    waiting ??= setTimeout(() => {
      waiting = null;
      if (!document.hidden) ask();
    }, CALM_MS);
  };
  const back = () => document.hidden || ask();
  ask();
  let begun = false; // a subscription begins with what is
  const stops = [changes, progress].map((one) => one.subscribe(() => begun && soon()));
  begun = true;
  document.addEventListener("visibilitychange", back);
  return () => {
    for (const stop of stops) stop();
    clearTimeout(waiting);
    document.removeEventListener("visibilitychange", back);
    turn += 1;
    told.value = problem.value = null; // whoever comes next has their own
  };
}
