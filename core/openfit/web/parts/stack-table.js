// A table that on a phone becomes a stack of blocks, each cell with the name of its column.

import { html } from "../html.js";

/** `head` as [{name, numeric, href}]; rows as arrays of cells, the first of which heads its row.
 * `kind`: "dense" has several cells side by side, "few" columns also there, "pairs"
 * one value for each row. */
export const StackTable = ({ head, rows, label, kind = "" }) => html`
  <table class="stack ${kind}" aria-label=${label} role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${head.map(({ name, numeric, href }) => html`<th role="columnheader" scope="col" class=${numeric ? "num" : ""}>${href ? html`<a href=${href}>${name}</a>` : name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) => html`<tr role="row">
          ${row.map((cell, n) =>
            n === 0
              ? html`<th role="rowheader" scope="row" class=${head[0].numeric ? "num" : ""} data-label=${head[0].name}>${cell}</th>`
              : html`<td role="cell" class=${head[n].numeric ? "num" : ""} data-label=${head[n].name}>${cell}</td>`,
          )}
        </tr>`,
      )}
    </tbody>
  </table>
`;
