// How one is today: the night, the heart, the steps, the last activity, the load.

import * as api from "../api.js";
import { clock, day as dayName, isNumber, measure, number, shortMetric } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { changes } from "../live.js";
import { lazily } from "../lazy.js";
import { useLoaded } from "../loading.js";
import { ActivityRow, RowHead } from "../parts/activity-row.js";
import { AddButton } from "../parts/add.js";
import { ImportButtons } from "../parts/import-panel.js";
import { compared, Confidence, MetricTiles, missing } from "../parts/metric-tile.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";
import { spokenHours, withUnit } from "../tile-words.js";
import { shown } from "../today.js";

const [t] = await Promise.all([part("today"), sheet("today.css")]);
const Cards = lazily(() => import("../parts/cards.js").then((it) => it.Cards));
const LAST = 3;
const signed = (value) => (Math.round(value) > 0 ? `+${number(value)}` : number(value));
const TILES = 4; // while nothing is known yet

async function load() {
  const [today, history, activities, load] = await Promise.all([
    api.today(),
    api.history({ range: "30d" }),
    api.activities({ limit: LAST }),
    api.trainingLoad({}),
  ]);
  const empty = today.values.length + activities.items.length === 0;
  return { today, ...shown(today, history), activities: activities.items, load, empty };
}

export function Today() {
  const { value, problem, again } = useLoaded(load, [finishedImports.value, changes.value]);
  document.title = `${t.title} · ${page.name}`;
  return html`
    <header class="page-head">
      <div>
        <h1>${t.title}${value && html` <small class="day">${dayName(value.today.day)}</small>`}</h1>
        ${value && !value.empty && html`<${Answer} ...${value} />`}
      </div>
      ${value && html`<${AddButton} />`}
    </header>
    ${!value && !problem && html`<${Skeleton} />`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value?.empty && html`<${Empty} />`}
    ${value && !value.empty && html`<${Found} ...${value} />`}
  `;
}

/** The night in one line, against what is usual. */
function Answer({ today, tiles }) {
  const usual = tiles.find(({ type }) => type === "sleep_minutes"); // of all sources, resolved
  const asleep = usual?.value;
  const said = !isNumber(asleep)
    ? t.noSleep
    : usual?.position
      ? t.sleptAgainst[usual.position](spokenHours(asleep), spokenHours(usual.band.median))
      : t.slept(spokenHours(asleep));
  const { live, utc_offset_minutes: minutes } = today;
  const at = live && clock(Date.parse(live.at) + minutes * 60_000);
  return html`
    <p class="answer">${said}</p>
    ${live && html`<p class="hint">${t.live(measure(live.mean, "/min").replace("/min", "bpm"), at)} · ${live.source.label}</p>`}
  `;
}

const Skeleton = () => html`
  <div class="metric-tiles" role="status" aria-label=${page.loading}>
    ${[...Array(TILES).keys()].map(() => html`<div class="bone tile-bone"></div>`)}
  </div>
`;

function Found({ tiles, rest, activities, load }) {
  return html`
    ${
      tiles.length > 0
        ? html`<${MetricTiles} tiles=${tiles} />`
        : html`<div class="panel"><p>${t.noMetrics}</p><p class="hint">${t.noMetricsStep} <a href="/sources">${page.nav.sources}</a></p></div>`
    }
    ${rest.length > 0 && html`<${Rest} tiles=${rest} />`}
    <${Load} load=${load} />
    <section aria-labelledby="last">
      <header class="section-head"><h2 id="last">${t.last}</h2><a href="/activities">${t.all}</a></header>
      ${
        activities.length
          ? html`<${RowHead} /><ul class="rows">${activities.map((row) => html`<${ActivityRow} key=${row.id} row=${row} />`)}</ul>`
          : html`<p class="hint">${t.noActivity}</p>`
      }
    </section>
    <${Cards} />
  `;
}

function Rest({ tiles }) {
  const rows = tiles.map((tile) => [
    html`<a href="/metrics/${tile.type}">${shortMetric(tile.type, tile.name)}</a>`,
    isNumber(tile.value) ? Object.values(withUnit(tile.type, tile.value, tile.unit)).join(" ") : "–",
    isNumber(tile.value) ? compared(tile) : missing(tile),
    tile.device,
  ]);
  return html`
    <details class="rest"><summary>${t.rest(tiles.length)}</summary><${Table} label=${t.rest(tiles.length)} head=${t.restHead} rows=${rows} /></details>
  `;
}

/** Fitness, fatigue and form of the last day that has all three. */
function Load({ load }) {
  const series = (id) => load.series.find((one) => one.id === id);
  const figures = ["chronic_load", "acute_load", "training_balance"].map((id) => series(id)?.values ?? []);
  const n = load.days.findLastIndex((_, n) => figures.every((values) => isNumber(values[n])));
  const has = n >= 0 && (series("daily_load")?.values ?? []).some((value) => value > 0);
  return html`
    <section aria-labelledby="load">
      <header class="section-head"><h2 id="load">${t.load}</h2><a href="/training">${page.nav.training}</a></header>
      ${
        has
          ? html`<p class="load-line">${["fitness", "fatigue", "form"].map(
              (name, k) => html`<span><small>${t[name]}</small> <strong>${name === "form" ? signed(figures[k][n]) : number(figures[k][n])}</strong></span>`,
            )} <${Confidence} share=${series("chronic_load").confidence[n] ?? 0} /></p>`
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
