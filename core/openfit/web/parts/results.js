// What analyses found of one activity: zones, load, best efforts, each with its why.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { duration, isNumber, number, plainDay as dayName } from "../format.js";
import { html } from "../html.js";
import { useLoaded, usePolled } from "../loading.js";
import { effortOf, inForce, line, nameOf } from "../results.js";
import { text } from "../text-training.js";
import { ProblemNote } from "./problem.js";
import { Tiles as Row } from "./tiles.js";
import { ResultTile, Sureness, Why } from "./why.js";
import { Zones } from "./zones.js";

const t = text.result;
const LOAD = ["session_load", "trimp", "training_stress_score", "normalized_power", "heart_rate_held"];
const ELSEWHERE = /^(total_|heart_rate_zone|best_)/; // in the totals, the zones, the efforts

async function load(id) {
  const [{ items, pending }, profile] = await Promise.all([api.results(id), api.profile()]);
  return { items, pending, profile: profile.items };
}

/** `still`: ask no more, since the activity is about to go. */
export function Results({ id, day, still }) {
  const found = useLoaded(() => load(id), [id]);
  usePolled(found.value?.pending && !still, found.again);
  const { value, problem, again } = found;
  return html`
    <section class="results" aria-labelledby="results">
      <h2 id="results">${t.title}</h2>
      ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${value?.pending && html`<p class="hint" role="status">${t.pending}</p>`}
      ${value && html`<${Found} ...${value} day=${day} again=${again} />`}
    </section>
  `;
}

function Found({ items, pending, profile, day, again }) {
  if (!items.length) return pending ? null : html`<p class="hint">${t.none}</p>`;
  const load = LOAD.map((id) => items.find((one) => one.id === id)).filter(Boolean);
  const others = items.filter(({ id }) => !LOAD.includes(id) && !ELSEWHERE.test(id));
  return html`
    <${Suggestion} items=${items} profile=${profile} day=${day} again=${again} />
    <${Zones} results=${items} profile=${profile} day=${day} />
    <${Tiles} title=${t.load} results=${load} />
    <${Efforts} items=${items} />
    <${Tiles} title=${t.more} results=${others} />
  `;
}

const Tiles = ({ title, results }) =>
  results.length > 0 &&
  html`
    <section class="part">
      <h3>${title}</h3>
      <${Row}>${results.map((one) => html`<${ResultTile} key=${one.id} result=${one} />`)}<//>
    </section>
  `;

// Best efforts -------------------------------------------------------------------------------------

function Efforts({ items }) {
  const found = items
    .map((result) => ({ result, ...effortOf(result.id) }))
    .filter(({ kind }) => kind)
    .sort((a, b) => a.size - b.size);
  const of = (wanted) => found.filter(({ kind }) => kind === wanted).map(({ result }) => result);
  if (!found.length) return null;
  return html`
    <section class="part">
      <h3>${t.efforts}</h3>
      <div class="effort-lists">
        <${EffortList} title=${t.power} results=${of("power")} />
        <${EffortList} title=${t.time} results=${of("time")} />
      </div>
    </section>
  `;
}

const EffortList = ({ title, results }) =>
  results.length > 0 &&
  html`
    <div>
      <h4>${title}</h4>
      ${results.map((one) => html`<${Effort} key=${one.id} result=${one} />`)}
    </div>
  `;

const Effort = ({ result }) => html`
  <details class="effort" data-result=${result.id}>
    <summary>
      <span>${nameOf(result.id)}</span>
      <strong class=${isNumber(result.value) ? "" : "absent"}>${line(result)}</strong>
      <span class="hint">${isNumber(result.drivers?.at) && t.began(duration(result.drivers.at))}</span>
      ${isNumber(result.value) && html`<${Sureness} share=${result.confidence} />`}
    </summary>
    <${Why} result=${result} />
  </details>
`;

// A highest heart rate that was passed -------------------------------------------------------------

/** Nothing is set by itself: a loose strap can show too much. */
function Suggestion({ items, profile, day, again }) {
  const [state, setState] = useState({});
  const held = Math.floor(items.find(({ id }) => id === "heart_rate_held")?.value ?? 0);
  const stated = inForce(profile, "max_heart_rate", day);
  useEffect(() => setState({}), [stated?.value]);
  if (!stated || held <= stated.value) return null;
  const set = async () => {
    setState({ busy: true });
    try {
      await api.stateProfile("max_heart_rate", { value: held, since: day });
      again();
    } catch (problem) {
      setState({ problem });
    }
  };
  return html`
    <div class="panel suggestion">
      <p>${text.suggest.said(held, number(stated.value))}</p>
      <p class="hint">${text.suggest.why}</p>
      <button onClick=${set} disabled=${state.busy}>
        ${state.busy ? text.suggest.setting : text.suggest.go(held, dayName(day))}
      </button>
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
    </div>
  `;
}
