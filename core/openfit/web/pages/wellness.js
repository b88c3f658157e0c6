// Daily values, a month at a time, family by family. Each leads to its metric over time.

import * as api from "../api.js";
import { monthEnds, monthOf, shiftMonth } from "../calendar.js";
import { hueOf, known } from "../devices.js";
import { writer } from "../explore/words.js";
import { isNumber, metricName, MISSING, month as monthName, shortDay, words } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { finishedImports } from "../importing.js";
import { useLoaded } from "../loading.js";
import { ProblemNote } from "../parts/problem.js";
import { StackTable } from "../parts/stack-table.js";
import { addressOf, asked } from "../query.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";

const t = await part("wellness");
await Promise.all([sheet("explorer.css"), sheet("wellness.css"), sheet("calendar.css")]);

const today = () => new Date().toLocaleDateString("sv");
const MOST_COLUMNS = 7;
const FEW_COLUMNS = 2; // two such tables stand side by side

/** Without a month in the address, that of the last day with a value. */
async function load(month) {
  const wanted = month ?? monthOf((await lastDay()) ?? today());
  const [from, to] = monthEnds(wanted);
  const [value] = await Promise.all([api.wellness({ from, to }), known]);
  return { ...value, month: wanted };
}

async function lastDay() {
  const { items } = await api.metrics();
  return items.map(({ last_day: day }) => day).filter(Boolean).sort().at(-1);
}

export function Wellness({ id }) {
  const month = /^\d{4}-\d{2}$/.test(asked().month ?? "") ? asked().month : null;
  const { value, problem, again } = useLoaded(() => load(month), [month, finishedImports.value]);
  const families = (value?.families ?? []).filter(({ family }) => !id || family === id);
  const metrics = families.reduce((sum, one) => sum + one.metrics.length, 0);
  document.title = `${t.title} · ${frame.name}`;
  return html`
    <header class="page-head tight"><div>
      <h1>${t.title}</h1>
      ${metrics > 0 && html`<p class="answer">${t.answer(metrics, value.days.length)}</p>`}
    </div></header>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && html`<${Shown} value=${value} at=${month ?? value.month} families=${families} id=${id} empty=${!metrics && !month} />`}
  `;
}

/** `at` is the month that is asked for, which may still be on its way. */
function Shown({ value, at, families, id, empty }) {
  if (empty && !id) return html`<${Empty} />`;
  const named = monthName(`${value.month}-01`);
  const step = (by) => addressOf(location.pathname, { month: shiftMonth(at, by) });
  return html`
    <header class="steps-head">
      <a class="step" href=${step(-1)} aria-label=${t.before} title=${t.before}><${Icon} name="back" /></a>
      <h2>${named}</h2>
      <a class="step back" href=${step(1)} aria-label=${t.after} title=${t.after}><${Icon} name="back" /></a>
    </header>
    <${Choice} value=${value} id=${id} />
    ${!families.length && html`<p class="absent">– ${t.none(named)}</p>`}
    <div class="families">${families.map((one) => html`<${Family} key=${one.family} one=${one} value=${value} />`)}</div>
    ${families.length > 0 && html`<${Devices} sources=${value.sources} />`}
  `;
}

const familyName = (family) => t.families[family] ?? words(family);

function Choice({ value, id }) {
  if (value.families.length < 2) return null;
  const to = (family) => addressOf(family ? `/wellness/${family}` : "/wellness", { month: value.month });
  return html`
    <nav class="tabs" aria-label=${t.families.label}>
      <a href=${to("")} aria-current=${id ? undefined : "page"}>${t.every}</a>
      ${value.families.map(({ family }) => html`<a href=${to(family)} aria-current=${family === id ? "page" : undefined}>${familyName(family)}</a>`)}
    </nav>
  `;
}

/** Many metrics are several tables: none is wider than the page. */
function Family({ one, value }) {
  const groups = Array.from({ length: Math.ceil(one.metrics.length / MOST_COLUMNS) }, (_, n) => one.metrics.slice(n * MOST_COLUMNS, (n + 1) * MOST_COLUMNS));
  const name = familyName(one.family);
  return html`
    <section class=${one.metrics.length > FEW_COLUMNS ? "broad" : ""} aria-labelledby="family-${one.family}">
      <h2 id="family-${one.family}">${name}</h2>
      ${groups.map((metrics, n) => html`<${Days} key=${n} metrics=${metrics} value=${value} label=${name} />`)}
    </section>
  `;
}

/** With its unit, unless that says the name again: steps are counted in steps. */
const titled = (name, unit) =>
  unit && unit.toLowerCase() !== name.toLowerCase() ? `${name}, ${unit}` : name;

function Days({ metrics, value, label }) {
  const forms = metrics.map(({ metric, unit, values }) => {
    const given = values.filter(isNumber);
    return writer(metric, unit, Math.min(...given), Math.max(...given));
  });
  const head = [
    { name: t.day },
    ...metrics.map(({ metric, name }, n) => ({
      name: titled(metricName(metric, name), forms[n].unit), numeric: true,
      href: `/metrics/${encodeURIComponent(metric)}`,
    })),
  ];
  const rows = value.days
    .map((day, at) => ({ day, at }))
    .filter(({ at }) => metrics.some(({ values }) => values[at] !== null))
    .reverse()
    .map(({ day, at }) => [html`<span class="valued">${shortDay(day)}</span>`, ...metrics.map((one, n) => html`<${Cell} one=${one} at=${at} form=${forms[n]} sources=${value.sources} />`)]);
  return html`<${StackTable} head=${head} rows=${rows} label=${label} kind=${metrics.length === 1 ? "pairs" : ""} />`;
}

function Cell({ one, at, form, sources }) {
  if (one.values[at] === null) return html`<span class="absent">${MISSING}</span>`;
  const source = sources[one.sources[at]];
  return html`
    <span class="valued">${form.write(one.values[at])}
      ${sources.length > 1 && html`<i class="dot-of" style=${{ background: source ? `var(--${hueOf(source.source_id)})` : "var(--mark)" }} title=${source?.label}></i>`}
    </span>
  `;
}

const Devices = ({ sources }) =>
  sources.length > 1 &&
  html`<p class="devices hint">${t.sources}:
    ${sources.map((one) => html`<span><i class="dot-of" style=${{ background: `var(--${hueOf(one.source_id)})` }}></i> ${one.label || "?"}</span>`)}
  </p>`;

const Empty = () => html`
  <section class="empty">
    <h2>${t.empty.title}</h2>
    <p>${t.empty.lead}</p>
    <p><a href="/sources">${t.empty.go}</a></p>
  </section>
`;
