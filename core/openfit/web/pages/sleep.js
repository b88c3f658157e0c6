// Sleep: the last night in one line, when one slept, and all nights, the latest first.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { clock, isNumber, plainDay, shortDay } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { lazily } from "../lazy.js";
import { againstUsual, asleepOf, nightOf, STAGES, stageMinutes } from "../nights.js";
import { ProblemNote } from "../parts/problem.js";
import { Rhythm } from "../parts/rhythm.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";

const t = await part("sleep");
await Promise.all([sheet("explorer.css"), sheet("sleep.css")]);

const PAGE = 30;
const Night = lazily(() => import("./night.js").then((it) => it.Night));

export const Sleep = ({ id }) => (id ? html`<${Night} key=${id} id=${id} />` : html`<${Nights} />`);

function Nights() {
  const [state, setState] = useState({ days: null, cursor: null });
  const load = async (from) => {
    setState((before) => ({ ...before, busy: true, problem: null }));
    try {
      const page = await api.nights({ limit: PAGE, cursor: from });
      setState((before) => ({ days: from ? [...before.days, ...page.days] : page.days, cursor: page.next_cursor }));
    } catch (problem) {
      setState((before) => ({ ...before, busy: false, problem }));
    }
  };
  useEffect(() => void load(), [finishedImports.value]);
  const { days, cursor, busy, problem } = state;
  document.title = `${t.title} · ${frame.name}`;
  return html`
    <header class="page-head tight"><div>
      <h1>${t.title}</h1>
      ${days?.length > 0 && html`<${Answer} days=${days} />`}
      ${days && html`<p><a href="/night">${t.seconds}</a></p>`}
    </div></header>
    ${!days && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${() => load(cursor)} />`}
    ${days?.length === 0 && html`<${Empty} />`}
    ${
      days?.length > 0 &&
      html`
        <${Rhythm} days=${days} />
        <section aria-labelledby="nights">
          <h2 id="nights">${t.list}</h2>
          <${Key} days=${days} />
          <ul class="nights">${days.map((day) => html`<${Day} key=${day.day} day=${day} />`)}</ul>
          ${cursor && html`<p class="more"><button onClick=${() => load(cursor)} disabled=${busy}>${busy ? t.loading : t.more}</button></p>`}
          ${!cursor && !busy && html`<p class="hint">${t.all(days.length)}</p>`}
        </section>
      `
    }
  `;
}

function Answer({ days }) {
  const [latest] = days;
  if (!isNumber(latest.asleep_minutes)) return html`<p class="answer">${t.unknownAnswer(plainDay(latest.day))}</p>`;
  const apart = againstUsual(days);
  return html`<p class="answer">${t.answer(latest.asleep_minutes, plainDay(latest.day))}${apart === null ? "" : t.usual(apart < 0, apart)}.</p>`;
}

const Empty = () => html`
  <section class="empty">
    <h2>${t.none.title}</h2>
    <p>${t.none.lead}</p>
    <p><a href="/sources">${t.none.go}</a></p>
  </section>
`;

/** The night first, then what else was slept. */
function Day({ day }) {
  const night = nightOf(day);
  const others = day.sleeps.filter(({ id }) => id !== night?.id);
  return html`
    <li>
      ${night && html`<${SleepRow} sleep=${night} />`}
      ${others.map((one) => html`<${SleepRow} key=${one.id} sleep=${one} small=${Boolean(night)} />`)}
    </li>
  `;
}

const roleName = ({ role }) => ({ night: t.night, nap: t.nap, rest: t.rest })[role] ?? t.unknown;

function figureOf(sleep) {
  const [asleep, bed] = [asleepOf(sleep), sleep.computed.in_bed_minutes];
  if (isNumber(asleep) && isNumber(bed)) return t.asleepOf(t.hours(asleep), t.hours(bed));
  if (isNumber(asleep)) return t.hours(asleep);
  return isNumber(bed) ? t.inBed(t.hours(bed)) : t.noEnd;
}

function SleepRow({ sleep, small }) {
  const [from, to] = [sleep.start, sleep.end].map((at) => at && clock(Date.parse(at), sleep.utc_offset));
  const about = [
    small && roleName(sleep),
    `${from} – ${to ?? "?"}`,
    sleep.source.label || sleep.integration,
    sleep.twins > 0 && t.also(sleep.twins),
    sleep.corrected && t.corrected,
  ];
  return html`
    <a class="sleep-row ${small ? "small" : ""}" href="/sleep/${encodeURIComponent(sleep.id)}">
      <span class="names">
        <span class="name">${small ? figureOf(sleep) : shortDay(sleep.day)}</span>
        <span class="when">${about.filter(Boolean).join(" · ")}</span>
      </span>
      ${!small && html`<strong class="num">${figureOf(sleep)}</strong>`}
      ${!small && html`<${Bar} sleep=${sleep} />`}
    </a>
  `;
}

const givenOf = ({ reported, computed }) => (Object.keys(reported).length ? reported : computed.minutes);

/** What the colours of the bars are, of those that are there. */
function Key({ days }) {
  const nights = days.map(nightOf).filter(Boolean).map(givenOf);
  const found = STAGES.filter((stage) => nights.some((minutes) => minutes[stage] > 0));
  if (!found.length) return null;
  return html`
    <ul class="stage-key" aria-label=${t.key}>
      ${found.map((stage) => html`<li key=${stage}><i class="stage-${stage}" aria-hidden="true"></i>${t.stages[stage]}</li>`)}
    </ul>
  `;
}

/** How much of each stage, as lengths; nothing where the source gave no stages. */
export function Bar({ sleep }) {
  const stages = stageMinutes(givenOf(sleep));
  const all = stages.reduce((sum, [, minutes]) => sum + minutes, 0);
  if (!all) return html`<span class="stage-bar none hint">${t.noStages}</span>`;
  const label = t.stagesOf(stages.map(([stage, minutes]) => [t.stages[stage], minutes]));
  return html`
    <span class="stage-bar" role="img" aria-label=${label} title=${label}>
      ${stages.map(([stage, minutes]) => html`<i class="stage-${stage}" style=${{ flexGrow: minutes }}></i>`)}
    </span>
  `;
}
