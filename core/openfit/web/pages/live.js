// A device live: heart rate, beats as they come, battery and wear, and what stands in the way.

import { useEffect, useMemo } from "preact/hooks";
import { connection, ofConnection, shown } from "../acting.js";
import { metricName, MISSING } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { HEART, LiveCharts } from "../parts/live-charts.js";
import { ProblemNote } from "../parts/problem.js";
import { sheet } from "../sheet.js";
import { part, text } from "../text.js";
import { Watch } from "../watching.js";

const [acting] = await Promise.all([part("acting"), sheet("explorer.css"), sheet("live.css")]);
const t = acting.live;

export function Live({ id }) {
  const { value, problem, again } = useLoaded(() => connection(id), [id]);
  const wanted = new URLSearchParams(location.search).get("action");
  const live = value?.actions.filter((one) => one.live) ?? [];
  const action = live.find(({ name }) => name === wanted) ?? live[0];
  const title = t.title(value ? given(value.name) : MISSING);
  document.title = `${title} · ${text.name}`;
  return html`
    <header class="page-head"><h1>${title}</h1><a href="/sources">${t.back}</a></header>
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${text.loading}></div>`}
    ${value && !action && html`<${ProblemNote} problem=${t.none} />`}
    ${action && html`<${Watching} key=${id + action.name} id=${id} action=${action.name} />`}
  `;
}

function Watching({ id, action }) {
  const watch = useMemo(() => new Watch(ofConnection(id), action), []);
  useEffect(() => {
    watch.start();
    return () => watch.stop();
  }, []);
  const state = watch.state.value;
  const silence = watch.silence;
  const on = watch.running.value;
  return html`
    <section class="live" data-state=${state}>
      <div class="panel now">
        <${Pulse} watch=${watch} />
        <div class="stands">
          <p role="status" class="state">${silence ? t.states.silent(silence) : t.states[state]}</p>
          ${watch.message.value && state === "connecting" && html`<p class="hint">${watch.message.value}</p>`}
          <dl class="told">${watch.others.map(([name, value]) => html`<${Other} key=${name} name=${name} value=${value} />`)}</dl>
          <p class="buttons">
            ${on ? html`<button onClick=${() => watch.stop()}>${t.stop}</button>` : html`<button class="main" onClick=${() => watch.start()}>${t.begin}</button>`}
          </p>
        </div>
      </div>
      ${watch.problem.value && html`<${ProblemNote} problem=${watch.problem.value} />`}
      <${LiveCharts} watch=${watch} />
    </section>
  `;
}

function Pulse({ watch }) {
  const pulse = watch.pulse;
  return html`
    <p class="pulse"><span class="label">${t.heart}</span>
      <strong>${pulse === null ? html`<span aria-label=${t.noHeart} role="img">${MISSING}</span>` : Math.round(pulse)}</strong>
      <span class="unit">${pulse === null ? "" : HEART.unit}</span></p>
  `;
}

const NAMES = { battery: t.battery, wear: t.wear };
const Other = ({ name, value }) => html`
  <div><dt>${NAMES[name] ?? metricName(name)}</dt><dd>${name === "wear" ? (value > 0 ? t.worn : t.notWorn) : shown(name, value)}</dd></div>
`;
