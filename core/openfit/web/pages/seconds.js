// A night second by second: heart rate, beats and motion as they were measured, gaps and all.

import { useEffect, useMemo } from "preact/hooks";
import { useAction } from "../action.js";
import * as api from "../api.js";
import { known } from "../devices.js";
import { download } from "../download.js";
import { instant, timeOfDay } from "../explore/words.js";
import { wearerClock } from "../explore/whereabouts.js";
import { MISSING, plainDay } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { offer } from "../offer.js";
import { Outcome } from "../parts/outcome.js";
import { ProblemNote } from "../parts/problem.js";
import { SecondsCharts } from "../parts/seconds-charts.js";
import { Table } from "../parts/table.js";
import { SecondsView } from "../seconds.js";
import { viewed } from "../session.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";

const t = await part("night");
await Promise.all([sheet("explorer.css"), sheet("seconds.css")]);

const DAY = 86_400_000;
const LONGEST_EVENTS = 2 * DAY;

async function load(day) {
  const [night, profile] = await Promise.all([api.nightSeconds(day), api.profile().catch(() => ({ items: [] })), known]);
  const clock = await wearerClock(profile.items, [night.begin, night.end].map(Date.parse));
  return { night, clock };
}

export function Seconds({ id }) {
  const { value, problem, again } = useLoaded(() => load(id), [id]);
  const day = value?.night.day ?? id;
  const title = day ? t.titleOf(plainDay(day)) : t.title;
  document.title = `${title} · ${frame.name}`;
  return html`
    <p class="back"><a href="/sleep"><${Icon} name="back" />${t.back}</a></p>
    ${!value && !problem && html`<h1>${t.title}</h1><div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<h1>${t.title}</h1><${ProblemNote} problem=${problem} again=${again} />`}
    ${value && html`<${Found} key=${day} ...${value} title=${title} />`}
  `;
}

/** Of what measured most: sources are never added. */
const most = (sources, kind) => Math.max(0, ...sources.map((one) => one[kind]?.n ?? 0));

function Found({ night, clock, title }) {
  const { sources, first, last } = night;
  const said = sources.length > 0 && t.answer(most(sources, "heart_rate"), most(sources, "beats"));
  const times = first && [first, last].map((at) => timeOfDay(Date.parse(at), clock));
  return html`
    <article>
      <header class="page-head">
        <div>
          <h1>${title}</h1>
          ${said && html`<p class="answer">${said}</p>`}
          ${times && html`<p class="hint">${t.when(...times)} · ${sources.map(({ label }) => given(label)).join(", ")}</p>`}
          ${night.sleep && html`<p><a href="/sleep/${encodeURIComponent(night.sleep.id)}">${t.sleepOf}</a></p>`}
        </div>
        <p class="buttons">
          ${night.earlier && html`<a class="button" href="/night/${night.earlier}">${t.earlier}</a>`}
          ${night.later && html`<a class="button" href="/night/${night.later}">${t.later}</a>`}
        </p>
      </header>
      ${sources.length ? html`<${Measured} night=${night} clock=${clock} />` : html`<${Nothing} night=${night} />`}
    </article>
  `;
}

const Nothing = ({ night }) => html`
  <section class="empty">
    <h2>${t.none.title}</h2>
    <p>${t.none.lead}</p>
    <p>${night.latest && night.latest !== night.day ? html`<a href="/night/${night.latest}">${t.none.latest(plainDay(night.latest))}</a>` : html`<a href="/sources">${t.none.go}</a>`}</p>
  </section>
`;

function Measured({ night, clock }) {
  const view = useMemo(() => new SecondsView(night, clock), []);
  useEffect(() => () => view.close(), []);
  return html`
    <section aria-labelledby="course">
      <h2 id="course">${t.course}</h2>
      ${view.problem.value && html`<${ProblemNote} problem=${view.problem.value} again=${() => view.again()} />`}
      <${SecondsCharts} view=${view} />
    </section>
    <${Counts} view=${view} />
    <${Events} night=${night} clock=${clock} />
    ${!viewed.value && html`<${Take} night=${night} />`}
  `;
}

function Counts({ view }) {
  const said = (course) => (course ? t.countedOf(course.n, course.gaps) : MISSING);
  const rows = view.night.value.sources.map(({ label, heart_rate: heart, beats, motion }) => [
    given(label), said(heart), said(beats), said(motion),
  ]);
  return html`
    <section>
      <h2>${t.counted}</h2>
      <${Table} label=${t.counted} head=${t.countedHead} rows=${rows} />
      <p class="hint">${t.countedNote}</p>
    </section>
  `;
}

function Events({ night, clock }) {
  if (!night.events.length) return null;
  const labels = new Map(night.sources.map(({ source_id: id, label }) => [id, given(label)]));
  const rows = night.events.map(({ at, type, source_id: id }) => [instant(Date.parse(at), clock, LONGEST_EVENTS), t.kinds[type], labels.get(id) ?? MISSING]);
  return html`<section><h2>${t.events}</h2><${Table} label=${t.events} head=${t.eventsHead} rows=${rows} /></section>`;
}

/** By days of UTC, as exports go. */
function Take({ night }) {
  const [state, run] = useAction();
  const days = { from: night.first.slice(0, 10), to: night.last.slice(0, 10) };
  const table = (type) => run(async () => {
    const { blob, name } = await api.metricTable(type, days);
    offer(blob, `${days.from}-${name}`);
  });
  const has = (kind) => night.sources.some((one) => one[kind]);
  return html`
    <section aria-labelledby="take">
      <h2 id="take">${t.take}</h2>
      <p class="buttons">
        ${has("heart_rate") && html`<button disabled=${state.busy} onClick=${() => table("heart_rate")}>${t.csv.heart}</button>`}
        ${has("beats") && html`<button disabled=${state.busy} onClick=${() => table("rr_interval")}>${t.csv.beats}</button>`}
        <button disabled=${state.busy} onClick=${() => run(() => download({ include: "originals", ...days }))}>${t.csv.originals}</button>
      </p>
      <p class="hint">${t.takeNote([...new Set([days.from, days.to])].map(plainDay))}</p>
      <${Outcome} state=${state} />
    </section>
  `;
}
