// Two metrics against each other, and two devices that measured one: what can be said, with its
// interval, and the dots behind it.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { drawScatter } from "../explore/scatter.js";
import { withUnit, writer } from "../explore/words.js";
import { hueOf } from "../devices.js";
import { number } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { reasonOf } from "../results.js";
import { scaled } from "../scale.js";
import { part } from "../text.js";
import { palette } from "../theme.js";
import { useWidth } from "../width.js";
import { ProblemNote } from "./problem.js";
import { Table } from "./table.js";

const t = await part("explorer");
const HEIGHT = scaled(320);
const [STRONG, MIDDLING] = [0.6, 0.3];

function Scatter({ chart, label }) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  useEffect(() => {
    if (!width) return undefined;
    drawn.current = drawScatter(host.current, chart);
    return () => drawn.current.destroy();
  }, [chart, width > 0, palette.value]);
  useEffect(() => drawn.current?.resize(), [width]);
  return html`<div class="plot" ref=${host} role="img" aria-label=${label}></div>`;
}

const bounds = (values) => [Math.min(...values), Math.max(...values)];
const formOf = ({ metric, unit }, values) => writer(metric, unit, ...bounds(values));
const axisOf = (name, form) => ({ label: form.unit ? `${name}, ${form.unit}` : name, ticks: form.ticks, writeBy: form.writeBy });
const signed = (value) => number(value, 2).replace("-", "−");

// Two metrics --------------------------------------------------------------------------------------

/** Of days `from` and `to`, as the explorer shows them. */
export function Together({ info, other, from, to }) {
  const load = () => api.correlation({ metrics: `${info.type},${other.type}`, from, to, normalize: false });
  const { value, problem, again } = useLoaded(load, [info.type, other.type, from, to]);
  const chart = useMemo(() => value && dotsOf(value, info, other), [value]);
  return html`
    <section aria-labelledby="together">
      <h2 id="together">${t.pair.title(info.shown, other.shown)}</h2>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${value && html`<${Said} pair=${value.pairs[0]} tested=${value.tested} />`}
      ${chart && html`<div class="panel"><${Scatter} chart=${chart} label=${`${t.pair.title(info.shown, other.shown)}: ${t.pair.dots(chart.x.length)}`} /></div>`}
    </section>
  `;
}

function dotsOf({ days, series: [a, b] }, info, other) {
  const both = days.map((_, n) => [a.values[n], b.values[n]]).filter(([x, y]) => x !== null && y !== null);
  if (both.length < 2) return null;
  const [x, y] = [both.map(([one]) => one), both.map(([, one]) => one)];
  return {
    x, y, colour: "accent", height: HEIGHT,
    axes: { x: axisOf(info.shown, formOf(a, x)), y: axisOf(other.shown, formOf(b, y)) },
  };
}

const strength = ({ r, low, high }) => {
  if (low < 0 && high > 0) return t.pair.words.none;
  if (Math.abs(r) >= STRONG) return t.pair.words.strong(r > 0);
  return Math.abs(r) >= MIDDLING ? t.pair.words.middling(r > 0) : t.pair.words.weak;
};

function Said({ pair, tested }) {
  if (!pair?.spearman) return html`<p class="absent">– ${reasonOf(pair?.reason).said}</p>`;
  const { r, low, high } = pair.spearman;
  return html`
    <p class="answer">${strength(pair.spearman)}</p>
    <p>${t.pair.coefficient(...[r, low, high].map(signed))}. ${t.pair.dots(pair.n)}. ${t.pair.tested(tested)}</p>
    <p class="hint">${pair.n_effective < pair.n / 2 && t.pair.alike(pair.n_effective)} ${t.pair.note}</p>
  `;
}

// Two devices --------------------------------------------------------------------------------------

export function Agreement({ info, from, to }) {
  const { value, problem, again } = useLoaded(() => api.agreement({ metric: info.type, from, to }), [info.type, from, to]);
  const [chosen, setChosen] = useState(0);
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value?.pairs.length) return null;
  const pair = value.pairs[chosen] ?? value.pairs[0];
  return html`
    <section class="agree" aria-labelledby="agree">
      <header class="section-head">
        <h2 id="agree">${t.agree.title}</h2>
        ${
          value.pairs.length > 1 &&
          html`<label>${t.agree.which}
            <select value=${chosen} onChange=${(event) => setChosen(Number(event.target.value))}>
              ${value.pairs.map(({ a, b }, n) => html`<option value=${n}>${t.agree.pair(a.label, b.label)}</option>`)}
            </select>
          </label>`
        }
      </header>
      <${Apart} info=${info} pair=${pair} unit=${value.unit} />
    </section>
  `;
}

function Apart({ info, pair, unit }) {
  const { a, b, n, mean, difference, agreement, reason } = pair;
  const form = useMemo(() => writer(info.type, unit, ...bounds([...difference, 0])), [pair]);
  const chart = useMemo(() => agreement && apartChart(info, pair, unit, form), [pair]);
  if (!agreement) return html`<p class="absent">– ${t.agree.pair(a.label, b.label)}: ${reasonOf(reason).said}</p>`;
  const { bias, lower, upper } = agreement;
  const say = (value) => withUnit(form, value);
  const row = (name, { value, low, high }) => [name, say(value), t.range(say(low), say(high))];
  return html`
    <p class="answer">${t.agree.bias(a.label, b.label, say(Math.abs(bias.value)), bias.value > 0)}</p>
    <p class="hint">${t.agree.limits(say(lower.value), say(upper.value))} ${t.agree.pairs(n)} ${t.agree.lead}</p>
    <div class="panel"><${Scatter} chart=${chart} label=${`${t.agree.pair(a.label, b.label)}: ${t.agree.limits(say(lower.value), say(upper.value))}`} /></div>
    <details class="rest"><summary>${t.table}</summary>
      <${Table} label=${t.agree.title} head=${t.agree.head} numeric=${[1, 2]}
        rows=${[row(t.agree.rows.bias, bias), row(t.agree.rows.upper, upper), row(t.agree.rows.lower, lower)]} />
    </details>
  `;
}

function apartChart(info, { a, mean, difference, agreement: { bias, lower, upper } }, unit, form) {
  const level = (name, { value, low, high }, dashed) => ({ at: value, low, high, name: `${name} ${withUnit(form, value)}`, dashed });
  return {
    x: mean, y: difference, colour: hueOf(a.source_id), height: HEIGHT,
    levels: [level(t.agree.rows.upper, upper, true), level(t.agree.rows.bias, bias), level(t.agree.rows.lower, lower, true)],
    axes: {
      x: axisOf(t.agree.axisMean, writer(info.type, unit, ...bounds(mean))),
      y: axisOf(t.agree.axisDifference, form),
    },
  };
}
