// Whose value counts: an order of sources for one metric or for all, moved by buttons and by keys.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useAction } from "../action.js";
import { metricName, words } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import * as ladders from "../ladders.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { sheet } from "../sheet.js";
import { part } from "../text.js";
import { Outcome } from "./outcome.js";
import { ProblemNote } from "./problem.js";

const [t] = await Promise.all([part("ladders"), sheet("entering.css")]);

const named = ({ label, integration }) => given(label) || given(integration);

/** `devices` as the hub lists them. */
export function Ladders({ devices }) {
  const { value, problem, again, set } = useLoaded(ladders.ladders, []);
  const [metric, setMetric] = useState(ladders.ALL);
  const id = useId();
  const several = ladders.measuredBy(devices);
  if (!several.length) return null;
  const called = (one) => metricName(one.metric, one.name);
  const options = several.sort((a, b) => called(a).localeCompare(called(b)));
  const sources = metric === ladders.ALL ? ladders.everySource(devices) : several.find((one) => one.metric === metric).sources;
  return html`
    <section aria-labelledby="ladders">
      <h2 id="ladders">${t.title}</h2>
      <p class="hint">${t.lead} ${t.byHand}</p>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${
        value &&
        html`<div class="field ladder-of">
            <label for=${id}>${t.metric}</label>
            <select id=${id} value=${metric} onChange=${(event) => setMetric(event.target.value)}>
              <option value=${ladders.ALL}>${t.all}</option>
              ${options.map((one) => html`<option value=${one.metric}>${called(one)}</option>`)}
            </select>
          </div>
          <${Order} key=${`${metric} ${JSON.stringify(value.items)}`} metric=${metric} sources=${sources} known=${value} set=${set} />`
      }
    </section>
  `;
}

let done = ""; // outlives the order that a saved one replaces

function Order({ metric, sources, known, set }) {
  const { ranking, basis } = ladders.inForce(known, metric);
  const before = ladders.ordered(sources, ranking, known.default);
  const [order, setOrder] = useState(before);
  const [said, setSaid] = useState(done);
  const [state, run] = useAction();
  const moved = useRef(null);
  useEffect(() => {
    moved.current?.focus();
    moved.current = null;
  }, [order]);
  const changed = order.some((one, n) => one.source_id !== before[n].source_id);
  const move = (n, by, item) => {
    const to = n + by;
    if (to < 0 || to >= order.length) return;
    const next = [...order];
    [next[n], next[to]] = [next[to], next[n]];
    const button = item.querySelector(by < 0 ? ".up" : ".down");
    const ends = to === (by < 0 ? 0 : order.length - 1);
    moved.current = ends ? item.querySelector(by < 0 ? ".down" : ".up") : button;
    setOrder(next);
    setSaid(t.moved(named(order[n]), to + 1, order.length));
  };
  const keep = (work, saying) =>
    run(async () => {
      const now = await work();
      done = saying;
      set(now);
    });
  useEffect(() => void (done = ""), []);
  return html`
    <p class="hint">${t.basis[basis]}</p>
    <ol class="ranking" aria-label=${t.list}>
      ${order.map((one, n) => html`<${Rank} key=${one.source_id} one=${one} first=${n === 0} last=${n === order.length - 1} move=${(by, item) => move(n, by, item)} />`)}
    </ol>
    <p class="hint" role="status">${said}</p>
    ${changed && html`<${Effect} metric=${metric} before=${before} order=${order} />`}
    <p class="buttons">
      ${changed && html`<button class="main" disabled=${state.busy} onClick=${() => keep(() => ladders.rank(metric, ladders.ranking(order, ranking)), t.saved)}>${t.save}</button>`}
      ${changed && html`<button onClick=${() => setOrder(before)}>${t.leave}</button>`}
      ${!changed && basis === "own" && html`<button disabled=${state.busy} onClick=${() => keep(() => ladders.drop(metric), t.dropped)}>${t.reset}</button>`}
    </p>
    <${Outcome} state=${{ problem: state.problem }} />
  `;
}

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

function Rank({ one, first, last, move }) {
  const item = useRef();
  const press = (event) => {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    move(by, item.current);
  };
  const name = named(one);
  return html`
    <li ref=${item} onKeyDown=${press}>
      <div><strong>${name}</strong>${one.type && html` <small>${words(one.type)}</small>`}</div>
      <button class="quiet up" disabled=${first} aria-label=${t.up(name)} onClick=${() => move(-1, item.current)}><${Icon} name="next" /></button>
      <button class="quiet down" disabled=${last} aria-label=${t.down(name)} onClick=${() => move(1, item.current)}><${Icon} name="next" /></button>
    </li>
  `;
}

/** What the order would change, counted on the days that there are. */
function Effect({ metric, before, order }) {
  const all = metric === ladders.ALL;
  const key = order.map(({ source_id: id }) => id).join();
  const { value, problem } = useLoaded(async () => (all ? {} : { found: await ladders.effect(metric, before, order) }), [metric, key]);
  if (problem) return html`<${ProblemNote} problem=${problem} />`;
  const sentence = all ? t.effect.all : !value ? t.effect.counting : saying(value.found);
  return html`<p class="ladder-effect" role="status">${sentence}</p>`;
}

function saying(found) {
  if (!found) return t.effect.sum;
  return found.changed ? t.effect.some(found.changed, found.days) : t.effect.none(found.days);
}
