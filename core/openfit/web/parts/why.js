// Why a number is what it is, or why there is none. A tile of a result opens on it.

import { isNumber } from "../format.js";
import { html } from "../html.js";
import { drivers, inputName, made, nameOf, reasonOf, written } from "../results.js";
import { text } from "../text-training.js";

const t = text.why;
const SEGMENTS = 4;

/** Four segments, filled as far as the number is sure. */
export function Sureness({ share }) {
  const full = Math.round(share * SEGMENTS);
  return html`
    <span class="sureness" role="img" aria-label=${t.sure(share)} title=${t.sure(share)}>
      ${[...Array(SEGMENTS).keys()].map((n) => html`<i class=${n < full ? "full" : ""}></i>`)}
    </span>
  `;
}

function Reason({ reason }) {
  const { said, step } = reasonOf(reason);
  return html`<span class="reason">${said}${step && html` <a href=${step.href}>${step.name}</a>`}</span>`;
}

export function Why({ result }) {
  const used = drivers(result.drivers);
  return html`
    <dl class="why">
      ${
        isNumber(result.value)
          ? html`<dt>${t.confidence}</dt><dd>${t.sure(result.confidence)}</dd>
              <dt>${t.tier}</dt><dd>${t.tiers[result.tier]}</dd>`
          : html`<dt>${t.missing}</dt><dd><${Reason} reason=${result.reason} /></dd>`
      }
      <dt>${t.inputs}</dt>
      <dd>${(result.inputs ?? []).map(inputName).join("; ")}</dd>
      ${used.length > 0 && html`<dt>${t.drivers}</dt><dd>${used.join(", ")}</dd>`}
      <dt>${t.made}</dt>
      <dd>${made(result.algorithm)}</dd>
    </dl>
  `;
}

export function ResultTile({ result, name = nameOf(result.id), write = written, note }) {
  const known = isNumber(result.value);
  const { value, unit } = write(result);
  return html`
    <details class="tile ${known ? "" : "missing"}" data-result=${result.id}>
      <summary>
        <span class="label">${name}</span>
        <span class="main">
          <span class="figure">${value}</span>${unit && html` <small>${unit}</small>`}
        </span>
        ${
          known
            ? html`<span class="tag"><${Sureness} share=${result.confidence} />${result.tier === "ESTIMATE" && ` ${t.estimate}`}</span>`
            : html`<span class="tag">${reasonOf(result.reason).said}</span>`
        }
        ${note && html`<span class="tag note">${note}</span>`}
      </summary>
      <${Why} result=${result} />
    </details>
  `;
}
