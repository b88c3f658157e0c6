// The page without a hub: its own files, and nothing of anybody. SHELL, the list of files and their
// common hash, is set by the hub in front of this.

const NAME = `openfit-shell-${SHELL.version}`;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  const fetched = caches.open(NAME).then((cache) => cache.addAll(["/", ...SHELL.files]));
  event.waitUntil(fetched.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("openfit-shell-") && name !== NAME;
  const cleaned = caches.keys().then((names) => Promise.all(names.filter(old).map((one) => caches.delete(one))));
  event.waitUntil(cleaned.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(answer(request, request));
  else if (request.mode === "navigate" && !/^\/(api|plugin-cards)\//.test(pathname)) event.respondWith(answer(request, "/"));
});

/** What the hub has, as long as it answers in time; else what was kept when it last changed. */
async function answer(request, kept) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return (await caches.match(kept, { cacheName: NAME })) ?? fetch(request);
  }
}
