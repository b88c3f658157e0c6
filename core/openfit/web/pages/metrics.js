// Trends: which metrics there are, and any one of them from years down to seconds.

import { useEffect, useMemo, useState } from "preact/hooks";
import * as api from "../api.js";
import { Clock } from "../explore/clock.js";
import { Explorer } from "../explore/explorer.js";
import { wearerClock } from "../explore/whereabouts.js";
import { metricName, plainDay, unitName } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { isoOf, numberOf } from "../load.js";
import { useLoaded } from "../loading.js";
import { answerOf, coverageOf, Explore, Sources, usePicture, whenOf } from "../parts/explore.js";
import { Agreement, Together } from "../parts/pairs.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { ask, asked, query } from "../query.js";
import { go } from "../router.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";

const t = await part("explorer");
await sheet("explorer.css");

const DAY = 86_400_000;
const SPANS = ["1", "7", "30", "91", "365", "all"];
const USUAL_DAYS = 91;
const REST_MS = 400;
const MOST_ROWS = 120;
/** Positions and odometers say nothing over time. */
const NOT_SHOWN = new Set(["latitude", "longitude", "track_distance", "heading", "accumulated_power"]);

async function load() {
  const [metrics, profile] = await Promise.all([api.metrics(), api.profile().catch(() => ({ items: [] }))]);
  const items = metrics.items
    .filter(({ type, first_day: first }) => !NOT_SHOWN.has(type) && first)
    .map((one) => ({ ...one, shown: metricName(one.type, one.name) }));
  items.sort((a, b) => a.shown.localeCompare(b.shown));
  return { items, clock: await clockOver(items, profile.items) };
}

/** Before anything is drawn: where a day begins is up to the wearer's clock. */
async function clockOver(items, profile) {
  if (!items.length) return new Clock([]);
  const [first] = items.map(({ first_day: day }) => day).sort();
  const last = items.map(({ last_day: day }) => day).sort().at(-1);
  return wearerClock(profile, [numberOf(first) * DAY, (numberOf(last) + 1) * DAY]);
}

export function Metrics({ id }) {
  const { value, problem, again } = useLoaded(load, [finishedImports.value]);
  const info = value?.items.find(({ type }) => type === id);
  const title = info?.shown ?? t.title;
  document.title = `${title} · ${frame.name}`;
  if (value && id && info) return html`<${One} key=${id} info=${info} ...${value} />`;
  return html`
    <header class="page-head tight"><div>
      <h1>${t.title}</h1>
      ${value?.items.length > 0 && !id && html`<p class="answer">${t.answerAll(value.items.length)}</p><p class="hint">${t.lead}</p>`}
    </div></header>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && id && html`<p>${t.unknown(id)} <a href="/metrics">${t.unknownStep}</a></p>`}
    ${value && !id && (value.items.length ? html`<${List} items=${value.items} />` : html`<${Nothing} />`)}
  `;
}

const Nothing = () => html`
  <section class="empty">
    <h2>${t.none.title}</h2>
    <p>${t.none.lead}</p>
    <p><a href="/sources">${t.none.go}</a></p>
  </section>
`;

const FEW = 8;

function List({ items }) {
  const [sought, setSought] = useState("");
  const found = items.filter(({ shown, type }) => `${shown} ${type}`.toLowerCase().includes(sought.trim().toLowerCase()));
  return html`
    ${
      items.length > FEW &&
      html`<div class="find">
        <label>${t.find} <input type="search" value=${sought} onInput=${(event) => setSought(event.target.value)} autocomplete="off" /></label>
        <span class="hint" role="status">${t.found(found.length)}</span>
      </div>`
    }
    <ul class="metrics">
      ${found.map(
        (one) => html`
          <li key=${one.type}>
            <a href="/metrics/${encodeURIComponent(one.type)}">
              <strong>${one.shown}</strong> <small>${unitName(one.unit)}</small>
              <span class="hint">${t.from(plainDay(one.first_day), plainDay(one.last_day))}</span>
            </a>
          </li>
        `,
      )}
    </ul>
  `;
}

// One metric ---------------------------------------------------------------------------------------

function spansOf(info, clock) {
  const [first, end] = [numberOf(info.first_day), numberOf(info.last_day) + 1];
  const span = (...days) => days.map((day) => clock.dayStart(day));
  return { clock, extent: span(first, end), home: span(Math.max(first, end - USUAL_DAYS), end) };
}

function One({ info, items, clock }) {
  const explorer = useMemo(() => new Explorer(info.type, spansOf(info, clock)), [info.type]);
  const other = items.find(({ type }) => type === asked().with && type !== info.type);
  const beside = useMemo(() => other && new Explorer(other.type, { ...spansOf(other, clock), beside: explorer }), [other?.type]);
  useEffect(() => () => explorer.close(), [explorer]);
  useEffect(() => () => beside?.close(), [beside]);
  useEffect(() => explorer.follow(), [query.value]);
  const view = explorer.view.value;
  return html`
    <${Head} explorer=${explorer} info=${info} />
    <${Controls} explorer=${explorer} info=${info} items=${items} other=${other} />
    ${explorer.problem.value && html`<${ProblemNote} problem=${explorer.problem.value} again=${() => explorer.again()} />`}
    ${!view && !explorer.problem.value && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${view && html`<${Shown} explorer=${explorer} beside=${beside} info=${info} other=${other} />`}
  `;
}

function Head({ explorer, info }) {
  const shown = usePicture(explorer, info);
  const span = explorer.span.value;
  const said = shown && answerOf(shown, span);
  return html`
    <header class="page-head tight"><div>
      <h1>${info.shown}</h1>
      ${said && html`<p class="answer">${said}</p>`}
      <p class="hint">${whenOf(span, explorer.clock.value)}${shown && `. ${coverageOf(shown, span)}`}</p>
    </div></header>
  `;
}

function Controls({ explorer, info, items, other }) {
  const { extent } = explorer;
  const choose = (days) => {
    const [clock, [, high]] = [explorer.clock.peek(), explorer.span.peek()];
    const end = clock.dayAt(Math.min(extent[1], high) - 1) + 1;
    const [from, to] = days === "all" ? extent : [end - Number(days), end].map((day) => clock.dayStart(day));
    ask({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  };
  const [low, high] = explorer.span.value;
  const length = Math.round((high - low) / DAY);
  const whole = low <= extent[0] && high >= extent[1];
  return html`
    <div class="controls">
      <label>${t.metric}
        <select value=${info.type} onChange=${(event) => go(`/metrics/${encodeURIComponent(event.target.value)}`)}>
          ${items.map((one) => html`<option value=${one.type}>${one.shown}</option>`)}
        </select>
      </label>
      <label>${t.with}
        <select value=${other?.type ?? ""} onChange=${(event) => ask({ with: event.target.value })}>
          <option value="">${t.alone}</option>
          ${items.filter(({ type }) => type !== info.type).map((one) => html`<option value=${one.type}>${one.shown}</option>`)}
        </select>
      </label>
      <div class="spans" role="group" aria-label=${t.spans.label}>
        ${SPANS.map(
          (days) => html`<button class="quiet" aria-pressed=${days === "all" ? whole : String(length) === days} onClick=${() => choose(days)}>${t.spans[days]}</button>`,
        )}
      </div>
    </div>
  `;
}

function Shown({ explorer, beside, info, other }) {
  const picture = usePicture(explorer, info);
  const second = usePicture(beside ?? explorer, other ?? info);
  const pictures = other && second ? [picture, second] : [picture];
  const empty = !picture.panels.length && !explorer.busy.value;
  return html`
    ${empty && html`<${EmptySpan} explorer=${explorer} info=${info} />`}
    ${
      !empty &&
      html`
        <${Explore} explorer=${explorer} shown=${pictures}>
          <${Sources} explorer=${explorer} view=${picture.view} />
          ${explorer.busy.value && html`<p class="hint" role="status">${t.busy}</p>`}
        <//>
        <${Days} picture=${picture} />
        <${Beyond} explorer=${explorer} picture=${picture} info=${info} other=${other} />
      `
    }
  `;
}

const LEAST_DAYS = 10; // with both, below which nothing can be said

/** What the days in view say of another metric, and of the devices. */
function Beyond({ explorer, picture, info, other }) {
  const settled = useSettled(explorer.span.value);
  const [from, to] = explorer.clock.value.daysIn(settled).map(isoOf);
  const several = picture.view.daily.sources.length > 1;
  if (numberOf(to) - numberOf(from) < LEAST_DAYS) return null;
  return html`
    ${other && html`<${Together} info=${info} other=${other} from=${from} to=${to} />`}
    ${several && html`<${Agreement} info=${info} from=${from} to=${to} />`}
  `;
}

/** A value once it has stood still for a moment. */
function useSettled(value) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const waiting = setTimeout(() => setSettled(value), REST_MS);
    return () => clearTimeout(waiting);
  }, [value]);
  return settled;
}

const EmptySpan = ({ explorer, info }) => html`
  <section class="empty">
    <h2>${t.nothing.title}</h2>
    <p>${t.nothing.lead(plainDay(info.first_day), plainDay(info.last_day))}</p>
    <p><button onClick=${() => explorer.zoomTo(explorer.extent)}>${t.nothing.go}</button></p>
  </section>
`;

function Days({ picture: { view, form, sources } }) {
  const [open, setOpen] = useState(false);
  const label = (id) => sources.find((one) => one.id === id)?.label ?? (id ? "" : t.united);
  const latest = view.days.slice(-MOST_ROWS).reverse();
  if (!view.days.length) return null;
  const rows = latest.map((one) => [plainDay(one.day), `${form.write(one.value)} ${form.unit}`.trim(), label(one.source_id)]);
  return html`
    <details class="rest" onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t.table}</summary>
      ${
        open &&
        html`<${Table} label=${t.tableDays} head=${t.tableHead} rows=${rows} numeric=${[1]} />
        ${view.days.length > MOST_ROWS && html`<p class="hint">${t.tableCut(MOST_ROWS, view.days.length)}</p>`}`
      }
    </details>
  `;
}
