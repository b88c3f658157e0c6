// The address bar is the state: one signal holds the path, links are plain links.

import { signal } from "@preact/signals";

export const path = signal(location.pathname);

const places = new Map(); // how far each entry of the history was scrolled
let entry = history.state?.entry ?? 0;
history.scrollRestoration = "manual";

export function navigate(to) {
  if (to === path.value) return;
  remember();
  entry++;
  history.pushState({ entry }, "", to);
  path.value = to;
  scrollTo(0, 0);
}

function remember() {
  places.set(entry, scrollY);
}

// Back to where one was, once the page of that entry has been rendered.
function restore() {
  const top = places.get(entry) ?? 0;
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, top)));
}

function isOurs(link, event) {
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const within = link.origin === location.origin && !link.hash;
  return plain && event.button === 0 && within && !link.target && !link.hasAttribute("download");
}

export function start() {
  addEventListener("popstate", (event) => {
    remember();
    entry = event.state?.entry ?? 0;
    path.value = location.pathname;
    restore();
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || !isOurs(link, event)) return;
    event.preventDefault();
    navigate(link.pathname);
  });
}
