// A table that scrolls within itself when it is wider than the page. On a phone the cells of a row
// go on below each other instead.

import { html } from "../html.js";
import { StackTable } from "./stack-table.js";

const FEW = 3; // columns that a phone has room for
const MANY = 5; // from which a table takes all the room there is

const kindOf = (n) => (n <= FEW ? "few" : n <= MANY ? "dense" : "dense wide");

export function Table({ head, rows, label, numeric = [] }) {
  const columns = head.map((name, n) => ({ name, numeric: numeric.includes(n) }));
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${label}>
      <${StackTable} label=${label} head=${columns} rows=${rows} kind=${kindOf(head.length)} />
    </div>
  `;
}
