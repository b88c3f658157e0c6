// Which page is shown: the path of the address, read and changed without loading anything.

import { signal } from "@preact/signals";

export const path = signal(location.pathname);

addEventListener("popstate", () => (path.value = location.pathname));

export function go(to) {
  if (to === location.pathname) return;
  history.pushState(null, "", to);
  path.value = to;
  scrollTo(0, 0);
}

/** Links stay links: a new tab, a copied address and the middle button work as everywhere. */
export function followLinks(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (!link || !plain || link.target || link.origin !== location.origin || link.download) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname);
  });
}

export function route(pathname) {
  const [, first, second, third] = pathname.split("/");
  if (!first || (first === "activities" && !second)) return { page: "activities" };
  if (first === "activities") return { page: "activity", id: decodeURIComponent(second) };
  if (first === "training") return trainingRoute(second, third);
  if (first === "sources" || first === "sign-in") return { page: first };
  return { page: "missing" };
}

function trainingRoute(part, field) {
  if (!part) return { page: "training" };
  if (part === "records") return { page: "records" };
  if (part === "thresholds") return { page: "thresholds", id: field };
  return { page: "missing" };
}
