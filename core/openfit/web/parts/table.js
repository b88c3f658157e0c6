// A table that scrolls within itself when it is wider than the page.

import { html } from "../html.js";

export function Table({ head, rows, label, numeric = [] }) {
  const kind = (column) => (numeric.includes(column) ? "num" : "");
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${label}>
      <table class=${head.length > 5 ? "wide" : ""}>
        <thead>
          <tr>${head.map((name, n) => html`<th scope="col" class=${kind(n)}>${name}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr>
              ${row.map((cell, n) =>
                n === 0
                  ? html`<th scope="row" class=${kind(n)}>${cell}</th>`
                  : html`<td class=${kind(n)}>${cell}</td>`,
              )}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}
