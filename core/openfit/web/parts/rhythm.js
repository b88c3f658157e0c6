// When one slept: each night a bar from going to bed to getting up, side by side.

import { html } from "../html.js";
import { dayMonth } from "../format.js";
import { numberOf } from "../load.js";
import { clockText, median, nightOf, stretchOf } from "../nights.js";
import { scaled } from "../scale.js";
import { part } from "../text.js";
import { useWidth } from "../width.js";

const t = await part("sleep");
const [HEIGHT, TOP, LEFT, BOTTOM] = [180, 8, 64, 24].map(scaled);
const SHOWN = 30;
const STEP = 120; // minutes between marks
const LABEL_PX = scaled(60);

export function Rhythm({ days }) {
  const [host, width] = useWidth();
  const found = days.slice(0, SHOWN).map((day) => stretchOf(day.day, nightOf(day))).filter(Boolean).reverse();
  if (found.length < 3) return null;
  const label = t.rhythmLabel(found.length, clockText(median(found.map(({ from }) => from))), clockText(median(found.map(({ to }) => to))));
  return html`
    <section aria-labelledby="rhythm">
      <h2 id="rhythm">${t.rhythm}</h2>
      <p class="hint">${label}</p>
      <div class="panel rhythm" ref=${host}>${width > 0 && html`<${Bars} found=${found} width=${width} label=${label} />`}</div>
    </section>
  `;
}

function Bars({ found, width, label }) {
  const [first, last] = [numberOf(found[0].day), numberOf(found.at(-1).day)];
  const low = Math.floor(Math.min(...found.map(({ from }) => from)) / STEP) * STEP;
  const high = Math.ceil(Math.max(...found.map(({ to }) => to)) / STEP) * STEP;
  const room = (width - LEFT) / (last - first + 1);
  const x = (day) => LEFT + (numberOf(day) - first) * room;
  const y = (minutes) => TOP + ((minutes - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const marks = Array.from({ length: (high - low) / STEP + 1 }, (_, n) => low + n * STEP);
  const every = Math.max(1, Math.ceil(LABEL_PX / room));
  return html`
    <svg role="img" aria-label=${label} width=${width} height=${HEIGHT}>
      ${marks.map((at) => html`<line x1=${LEFT} x2=${width} y1=${y(at)} y2=${y(at)} /><text x=${LEFT - 8} y=${y(at) + 4} text-anchor="end">${clockText(at)}</text>`)}
      ${found.map(({ day, from, to }) => html`<rect x=${x(day) + room * 0.15} width=${Math.max(2, room * 0.7)} y=${y(from)} height=${y(to) - y(from)} rx="3" />`)}
      ${found
        .filter(({ day }) => (numberOf(day) - first) % every === 0)
        .map(({ day }) => html`<text x=${x(day) + room / 2} y=${HEIGHT - 6} text-anchor="middle">${dayMonth(day)}</text>`)}
    </svg>
  `;
}
