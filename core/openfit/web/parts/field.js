// A field with its label, and what helps to fill it in.

import { useId } from "preact/hooks";
import { html } from "../html.js";

/** What else is given goes to the input. `choices`, [value, name] each, make it a select. */
export function Field({ label, hint, name, choices, ...input }) {
  const id = useId();
  const about = hint ? `${id}-hint` : undefined;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${
        choices
          ? html`<select id=${id} name=${name} aria-describedby=${about} ...${input}>
              ${choices.map(([value, said]) => html`<option value=${value}>${said}</option>`)}
            </select>`
          : html`<input id=${id} name=${name} aria-describedby=${about} ...${input} />`
      }
      ${hint && html`<p id=${about} class="hint">${hint}</p>`}
    </div>
  `;
}
