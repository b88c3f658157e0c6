// A download that the browser itself takes and keeps on disk, however large. An address carries no
// token, so the hub hands out one that is good once.

import { getJson } from "./api.js";

/** `wish`: what the export is to hold, or the receipt of one original. */
export async function download(wish = {}) {
  const { address } = await getJson("/export/tickets", { method: "POST", body: wish });
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: "" });
  link.click();
}
