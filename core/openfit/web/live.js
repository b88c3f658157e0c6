// What the hub says as it happens: progress, and that there is more to show. Read by fetch, since
// the token goes in a header. Without the channel pages ask again, as they do anyway.

import { signal } from "@preact/signals";
import { bearer, forget, signedIn } from "./session.js";

const [SOON_MS, LATEST_MS] = [2000, 60_000];
const CALM_MS = 800; // between changes that a page looks at

/** Counts changes of what is in store, for pages that then ask anew. */
export const changes = signal(0);
/** Counts what happened to jobs, imports and connections. */
export const progress = signal(0);
export const listening = signal(false);

const KINDS = {
  data: changes, derived: changes, reset: changes,
  import: progress, job: progress, job_over: progress, connection: progress, connection_over: progress,
};

let waiting = new Set();
function tell(counter) {
  if (!waiting.size) {
    setTimeout(() => {
      for (const one of waiting) one.value += 1;
      waiting = new Set();
    }, CALM_MS);
  }
  waiting.add(counter);
}

/** Pieces of a stream as events {id, event}. A piece may end anywhere. */
export function* eventsOf(piece, rest = { text: "" }) {
  rest.text += piece;
  const blocks = rest.text.split("\n\n");
  rest.text = blocks.pop();
  for (const block of blocks) {
    const lines = block.split("\n").map((line) => line.split(/: ?(.*)/s));
    const found = Object.fromEntries(lines.map(([name, value]) => [name, value]));
    if (found.event) yield { id: found.id, event: found.event };
  }
}

let last = null;

async function listen(stop) {
  const headers = { Authorization: `Bearer ${await bearer()}`, ...(last && { "Last-Event-ID": last }) };
  const response = await fetch("/api/v1/live", { headers, signal: stop });
  if (!response.ok) throw new Error(String(response.status));
  listening.value = true;
  tell(changes); // what came since the page first asked
  const [rest, reader] = [{ text: "" }, response.body.pipeThrough(new TextDecoderStream()).getReader()];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    for (const { id, event } of eventsOf(value, rest)) {
      last = id ?? last;
      if (event === "signed_out") await forget();
      else if (KINDS[event]) tell(KINDS[event]);
    }
  }
}

/** Listens while the page is in sight; comes back ever more slowly when it cannot. */
export function followLive() {
  let stop = null;
  let wait = SOON_MS;
  const begin = async () => {
    if (stop || document.hidden || !signedIn.peek()) return;
    stop = new AbortController();
    const began = Date.now();
    await listen(stop.signal).catch(() => {});
    listening.value = false;
    stop = null;
    wait = Date.now() - began > LATEST_MS ? SOON_MS : Math.min(wait * 2, LATEST_MS);
    if (!document.hidden && signedIn.peek()) setTimeout(begin, wait);
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop?.abort() : begin()));
  signedIn.subscribe((is) => (is ? begin() : stop?.abort()));
}
