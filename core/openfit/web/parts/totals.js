// Totals as tiles. Each opens its why: what the source said, what the samples say.

import { isNumber } from "../format.js";
import { html } from "../html.js";
import { text } from "../text.js";
import { disagree, totalsOf } from "../totals.js";
import { Tiles as Row } from "./tiles.js";

const FIRST = 8;
const t = text.totals;

export function Totals({ activity }) {
  const { reported = {}, computed = {} } = activity;
  const found = totalsOf(activity.sport)
    .map(([field, name, write]) => ({ name, write, said: reported[field], ours: computed[field] }))
    .filter(({ said, ours }) => isNumber(said) || isNumber(ours));
  if (!found.length) return html`<p class="hint">${t.none}</p>`;
  const rest = found.slice(FIRST);
  return html`
    <section aria-labelledby="totals">
      <h2 id="totals">${t.title}</h2>
      <${Tiles} totals=${found.slice(0, FIRST)} />
      ${
        rest.length > 0 &&
        html`<details class="rest"><summary>${t.more}</summary><${Tiles} totals=${rest} /></details>`
      }
    </section>
  `;
}

const Tiles = ({ totals }) => html`
  <${Row}>${totals.map((one) => html`<${Tile} key=${one.name} ...${one} />`)}<//>
`;

function Figure({ value, unit }) {
  return html`<span class="figure">${value}</span>${unit && html` <small>${unit}</small>`}`;
}

const whole = ({ value, unit }) => [value, unit].filter(Boolean).join(" ");

function Tile({ name, write, said, ours }) {
  const main = isNumber(said) ? said : ours;
  const differ = disagree(said, ours) && whole(write(said)) !== whole(write(ours));
  return html`
    <details class="tile">
      <summary>
        <span class="label">${name}</span>
        <span class="main"><${Figure} ...${write(main)} /></span>
        ${!isNumber(said) && html`<span class="tag">${t.computed}</span>`}
        ${differ && html`<span class="second">${t.computedIs(whole(write(ours)))}</span>`}
      </summary>
      <dl>
        <dt>${t.why.reported}</dt>
        <dd>${isNumber(said) ? whole(write(said)) : t.why.none}</dd>
        <dt>${t.why.computed}</dt>
        <dd>${isNumber(ours) ? whole(write(ours)) : t.why.noComputed}</dd>
      </dl>
      ${isNumber(said) && isNumber(ours) && html`<p>${differ ? t.why.differ : t.why.agree}</p>`}
    </details>
  `;
}
