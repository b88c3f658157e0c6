// A field with its label, and what helps to fill it in.

import { html } from "../html.js";

/** What else is given goes to the input; `children` stand in its place where it is no input. */
export function Field({ label, hint, name, children, ...input }) {
  const about = hint ? `${name}-hint` : undefined;
  return html`
    <div class="field">
      <label for=${name}>${label}</label>
      ${children ?? html`<input id=${name} name=${name} aria-describedby=${about} ...${input} />`}
      ${hint && html`<p id=${about} class="hint">${hint}</p>`}
    </div>
  `;
}
