// Which page is shown: the path of the address, read and changed without loading anything.

import { signal } from "@preact/signals";
import { ROUTES } from "./pages.js";

export const path = signal(location.pathname);

addEventListener("popstate", () => (path.value = location.pathname));

/** `to` may carry a `?`. Everybody who follows the address hears of it as of a step back. */
export function go(to) {
  if (to === location.pathname + location.search) return;
  history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
  scrollTo(0, 0);
}

/** Links stay links: a new tab, a copied address and the middle button work as everywhere. */
export function followLinks(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (!link || !plain || link.target || link.origin !== location.origin || link.download) return;
    if (/^\/(api|static)\//.test(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

const parts = (address) => address.split("/").filter(Boolean);

/** {page, part, id} of a path; an address that no page has is `missing`. */
export function route(pathname) {
  const given = parts(pathname);
  const fits = ([address]) => {
    const wanted = parts(address);
    return wanted.length === given.length && wanted.every((one, n) => one === ":id" || one === given[n]);
  };
  const found = ROUTES.find(fits);
  if (!found) return { page: "missing", part: null };
  const [address, page, part, id] = found;
  const at = parts(address).indexOf(":id");
  return { page, part, id: at < 0 ? id : decodeURIComponent(given[at]) };
}
