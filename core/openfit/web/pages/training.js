// Training load: today's figures in words, then how they came about.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { day as dayName, isNumber, number } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { lazily } from "../lazy.js";
import { byFigure, feeling, FIGURES, isoOf, numberOf, resultAt } from "../load.js";
import { useLoaded, usePolled } from "../loading.js";
import { ImportButtons } from "../parts/import-panel.js";
import { ProblemNote } from "../parts/problem.js";
import { Tiles } from "../parts/tiles.js";
import { TrainingHead } from "../parts/training-head.js";
import { ResultTile } from "../parts/why.js";
import { signed, written } from "../results.js";
import { recall, remember } from "../storage.js";
import { text } from "../text-training.js";

const t = text.training;
const LoadCharts = lazily(() => import("../parts/load-charts.js").then((it) => it.LoadCharts));
const RANGES = ["42", "182", "365", "all"];
const BEGINNING = "1970-01-01";
const FIGURE_REM = 13; // a tile that says what it means
const THIN = 0.63; // what 42 known days weigh

const firstDay = (range) =>
  range === "all" ? BEGINNING : isoOf(numberOf(new Date().toISOString().slice(0, 10)) - Number(range) + 1);

async function load(range) {
  const [answer, profile] = await Promise.all([
    api.trainingLoad({ from: firstDay(range) }),
    api.profile(),
  ]);
  const load = byFigure(answer);
  const whole = hasLoad(load) || range === "all" ? load : byFigure(await api.trainingLoad({ from: BEGINNING }));
  return { answer, profile: profile.items, load, whole };
}

const hasLoad = ({ figures }) => figures.daily_load?.values.some((value) => value > 0);

export function Training() {
  const [range, setRange] = useState(recall("load-range") ?? "182");
  const found = useLoaded(() => load(range), [range, finishedImports.value]);
  const { value, problem, again } = found;
  usePolled(value?.answer.pending, again);
  const choose = (next) => {
    remember("load-range", next);
    setRange(next);
  };
  return html`
    <${TrainingHead} here="load" title=${t.title}>
      ${value && html`<${Answer} ...${value} />`}
    <//>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value?.answer.pending && html`<p class="hint" role="status">${t.pending}</p>`}
    ${value && html`<${Shown} ...${value} range=${range} choose=${choose} />`}
  `;
}

/** The last day that has all three figures; -1 when none does. */
const latest = ({ days, figures }) =>
  days.findLastIndex((_, n) => FIGURES.every((id) => isNumber(figures[id]?.values[n])));

function Answer({ answer, load, whole }) {
  const n = latest(load);
  if (n < 0 || !hasLoad(whole)) return null;
  const [fitness, fatigue, form] = FIGURES.map((id) => load.figures[id].values[n]);
  const old = load.days[n] !== answer.end ? t.asOf(dayName(load.days[n])) : "";
  return html`
    <p class="answer">${t.answer(number(fitness), number(fatigue), signed(form))} ${t.form[feeling(fitness, form)]} ${old}</p>
  `;
}

function Shown({ answer, profile, load, whole, range, choose }) {
  if (!hasLoad(whole) && answer.pending) return null;
  if (!whole.days.length) return html`<${Empty} />`;
  if (!hasLoad(whole)) return html`<${UnknownLoad} profile=${profile} />`;
  return html`
    <${Figures} load=${load} />
    <section aria-labelledby="course">
      <header class="section-head">
        <h2 id="course">${t.course}</h2>
        <${Range} range=${range} choose=${choose} />
      </header>
      <${LoadCharts} load=${load} />
    </section>
  `;
}

const Range = ({ range, choose }) => html`
  <label>
    ${t.range}
    <select value=${range} onChange=${(event) => choose(event.target.value)}>
      ${RANGES.map((one) => html`<option value=${one}>${t.ranges[one]}</option>`)}
    </select>
  </label>
`;

function Figures({ load }) {
  const known = latest(load);
  const n = known < 0 ? load.days.length - 1 : known;
  const sure = load.figures.chronic_load?.confidence[n] ?? 0;
  return html`
    <${Tiles} narrowest=${FIGURE_REM}>
      ${FIGURES.filter((id) => load.figures[id]).map(
        (id) => html`<${ResultTile} key=${id} result=${resultAt(load.figures[id], n)}
          write=${id === "training_balance" ? signedTile : written} note=${t.meaning[id]} />`,
      )}
    <//>
    ${sure > 0 && sure < THIN && html`<p class="hint">${t.early(sure)}</p>`}
  `;
}

const signedTile = (result) => ({ ...written(result), value: signed(result.value) });

// Nothing to show ----------------------------------------------------------------------------------

const Empty = () => html`
  <section class="empty">
    <h2>${t.first.title}</h2>
    <p>${t.first.lead}</p>
    <${ImportButtons} />
  </section>
`;

/** Says which thresholds are missing, one link each. */
function UnknownLoad({ profile }) {
  const said = new Set(profile.map(({ field }) => field));
  const missing = [
    !said.has("max_heart_rate") && !said.has("birth_date") && ["max_heart_rate", t.unknownLoad.max],
    !said.has("resting_heart_rate") && ["resting_heart_rate", t.unknownLoad.resting],
  ].filter(Boolean);
  return html`
    <section class="empty">
      <h2>${t.unknownLoad.title}</h2>
      <p>${missing.length ? t.unknownLoad.lead : t.unknownLoad.strapless}</p>
      <ul class="steps">
        ${missing.map(([field, name]) => html`<li><a href="/training/thresholds/${field}">${name}</a></li>`)}
      </ul>
    </section>
  `;
}
