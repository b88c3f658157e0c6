// Which line is whose, above a plot that is too narrow for names where its lines end.

import { namesBeside } from "../explore/plot.js";
import { html } from "../html.js";

export function LineNames({ lines, width }) {
  const named = lines.filter(({ name }) => name);
  if (!width || namesBeside(width) || !named.length) return null;
  return html`
    <p class="line-names" aria-hidden="true">
      ${named.map(({ id, name, colour }) => html`<span key=${id}><i class="swatch" style=${{ color: `var(--${colour})` }}></i>${name}</span>`)}
    </p>
  `;
}
