// Pieces that every page uses.

import { html } from "../html.js";
import { Icon } from "../icons.js";
import { text } from "../text.js";
import { DASH } from "../format.js";

// What was not measured is a dash to the eye and words to the ear, never a zero.
export const Missing = () => html`
  <span class="missing" aria-hidden="true">${DASH}</span>
  <span class="unseen">${text.notMeasured}</span>
`;

export const Value = ({ value, unit }) =>
  value === DASH || value === undefined
    ? html`<${Missing} />`
    : html`<span class="value">${value}${unit && html`<span class="unit"> ${unit}</span>`}</span>`;

export const Failure = ({ problem, onRetry }) => html`
  <div class="notice bad" role="alert">
    <${Icon} name="attention" />
    <div>
      <p>${problem.message}</p>
      ${problem.nextStep && html`<p class="quiet">${problem.nextStep}</p>`}
      ${onRetry && html`<button type="button" onClick=${onRetry}>${text.retry}</button>`}
    </div>
  </div>
`;

export const Skeleton = ({ rows = 6, label = text.loading }) => html`
  <div class="skeleton" role="status">
    <span class="unseen">${label}</span>
    ${Array.from({ length: rows }, (_, row) => html`<div key=${row}></div>`)}
  </div>
`;

// One of a few: radio buttons that look like a strip.
export const Choice = ({ label, name, options, value, onChange }) => html`
  <fieldset class="choice">
    <legend>${label}</legend>
    ${options.map(
      ([key, title]) => html`
        <label key=${key} class=${key === value ? "chosen" : ""}>
          <input
            type="radio"
            name=${name}
            value=${key}
            checked=${key === value}
            onChange=${() => onChange(key)}
          />
          ${title}
        </label>
      `,
    )}
  </fieldset>
`;
