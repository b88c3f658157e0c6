// Figures side by side, each in a tile that opens its why.

import { toChildArray } from "preact";
import { html } from "../html.js";
import { useRows } from "../rows.js";

export function Tiles({ children, narrowest = 9.5 }) {
  const tiles = toChildArray(children);
  const [host, sizes] = useRows(tiles.length, { narrowest, gap: 0.5 });
  return html`
    <div class="tiles" ref=${host}>${tiles.map((tile, n) => html`<div key=${tile.key} style=${{ "--row": sizes[n] }}>${tile}</div>`)}</div>
  `;
}
