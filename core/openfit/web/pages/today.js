// How one is today: the night, the heart, the steps, the last activity, the load.

import * as api from "../api.js";
import { day as dayName, number } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { useLoaded } from "../loading.js";
import { ActivityRow, RowHead } from "../parts/activity-row.js";
import { ImportButtons } from "../parts/import-panel.js";
import { MetricTile } from "../parts/metric-tile.js";
import { ProblemNote } from "../parts/problem.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";
import { SHOWN, tileOf, today } from "../today.js";

const [t] = await Promise.all([part("today"), sheet("today.css")]);

async function load() {
  const [{ items: metrics }, { items: activities }, load] = await Promise.all([
    api.metrics(),
    api.activities({ limit: 3 }),
    api.trainingLoad({}),
  ]);
  const wanted = SHOWN.map((type) => metrics.find((one) => one.type === type)).filter(Boolean);
  const tiles = await Promise.all(wanted.map(tileOf));
  return { tiles, activities, load, empty: metrics.length + activities.length === 0 };
}

export function Today() {
  const { value, problem, again } = useLoaded(load, [finishedImports.value]);
  document.title = `${t.title} · ${page.name}`;
  return html`
    <header class="page-head">
      <div>
        <h1>${t.title}</h1>
        <p class="hint">${dayName(today())}</p>
      </div>
      ${value && !value.empty && html`<${ImportButtons} />`}
    </header>
    ${!value && !problem && html`<${Skeleton} />`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value?.empty && html`<${Empty} />`}
    ${value && !value.empty && html`<${Found} ...${value} />`}
  `;
}

const Skeleton = () => html`
  <div class="metric-tiles" role="status" aria-label=${page.loading}>
    ${SHOWN.map(() => html`<div class="bone tile-bone"></div>`)}
  </div>
`;

function Found({ tiles, activities, load }) {
  return html`
    ${
      tiles.length > 0
        ? html`<div class="metric-tiles">
            ${tiles.map((tile) => html`<${MetricTile} key=${tile.type} tile=${tile} href="/metrics/${tile.type}" />`)}
          </div>`
        : html`<div class="panel"><p>${t.noMetrics}</p><p class="hint">${t.noMetricsStep} <a href="/sources">${page.nav.sources}</a></p></div>`
    }
    <${Load} load=${load} />
    <section aria-labelledby="last">
      <header class="section-head"><h2 id="last">${t.last}</h2><a href="/activities">${t.all}</a></header>
      ${
        activities.length
          ? html`<${RowHead} /><ul class="rows">${activities.map((row) => html`<${ActivityRow} key=${row.id} row=${row} />`)}</ul>`
          : html`<p class="hint">${t.noActivity}</p>`
      }
    </section>
  `;
}

/** Fitness, fatigue and form of the last day that has all three. */
function Load({ load }) {
  const of = (id) => load.series.find((one) => one.id === id)?.values ?? [];
  const figures = ["chronic_load", "acute_load", "training_balance"].map(of);
  const n = load.days.findLastIndex((_, n) => figures.every((values) => typeof values[n] === "number"));
  const has = n >= 0 && of("daily_load").some((value) => value > 0);
  return html`
    <section aria-labelledby="load">
      <header class="section-head"><h2 id="load">${t.load}</h2><a href="/training">${page.nav.training}</a></header>
      ${
        has
          ? html`<p class="load-line">${["fitness", "fatigue", "form"].map(
              (name, k) => html`<span><small>${t[name]}</small> <strong>${number(figures[k][n]).replace("-", "−")}</strong></span>`,
            )}</p>`
          : html`<p class="hint">${t.noLoad} <a href="/training/thresholds">${t.noLoadStep}</a></p>`
      }
    </section>
  `;
}

const Empty = () => html`
  <section class="empty">
    <h2>${t.first.title}</h2>
    <p>${t.first.lead}</p>
    <${ImportButtons} />
    <p class="hint">${t.first.or} <a href="/sources">${t.first.connect}</a></p>
  </section>
`;
