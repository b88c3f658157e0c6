// Tiles in rows of which none is left half empty.

import { useWidth } from "./width.js";

/** How many tiles stand in the row of each of n, at most so many in one. */
export function rowSizes(n, most) {
  const rows = Math.ceil(n / most);
  return [...Array(n).keys()].map((k) => {
    const long = n % rows || rows; // so many rows are as long as any
    const size = Math.ceil(n / rows);
    return k < long * size ? size : size - 1;
  });
}

/** The same where only the last would stand alone: then the first does, as the answer to all. */
export function firstAlone(sizes) {
  return sizes.at(-1) === 1 ? [...sizes].reverse() : sizes;
}

/** [host, sizes] of n tiles that are at least `narrowest` wide, `gap` apart, both in rem; two stand
 * side by side as long as each has `least`. */
export function useRows(n, { narrowest, gap, least = narrowest }) {
  const [host, width] = useWidth();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const fit = (one) => Math.floor((width / rem + gap) / (one + gap));
  const most = Math.max(1, Math.min(2, fit(least)), fit(narrowest));
  return [host, width ? firstAlone(rowSizes(n, most)) : []];
}
