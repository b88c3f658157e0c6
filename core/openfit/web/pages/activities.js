// All activities, newest first, under one line that sums up the last month.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { day, distance, month } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { ActivityRow, RowHead } from "../parts/activity-row.js";
import { ImportButtons } from "../parts/import-panel.js";
import { ProblemNote } from "../parts/problem.js";
import { text } from "../text.js";
import { known } from "../totals.js";

const PAGE = 50;
const MONTH_MS = 30 * 24 * 3600 * 1000;

export function Activities() {
  const [rows, setRows] = useState(null);
  const [cursor, setCursor] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);

  const load = async (from) => {
    setBusy(true);
    setProblem(null);
    try {
      const page = await api.activities({ limit: PAGE, cursor: from });
      setRows((before) => (from ? [...before, ...page.items] : page.items));
      setCursor(page.next_cursor ?? null);
    } catch (failure) {
      setProblem(failure);
    }
    setBusy(false);
  };
  useEffect(() => void load(), [finishedImports.value]);
  document.title = `${text.list.title} · ${text.name}`;

  return html`
    <header class="page-head">
      <div>
        <h1>${text.list.title}</h1>
        ${rows?.length > 0 && html`<${Answer} rows=${rows} more=${cursor} />`}
      </div>
      ${rows?.length > 0 && html`<${ImportButtons} />`}
    </header>
    ${rows === null && !problem && html`<${Skeleton} />`}
    ${rows?.length === 0 && html`<${Empty} />`}
    ${rows?.length > 0 && html`<${Months} rows=${rows} />`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${() => load(cursor)} />`}
    ${cursor && !problem && html`<${More} busy=${busy} load=${() => load(cursor)} />`}
    ${rows?.length > 0 && !cursor && html`<p class="hint">${text.list.all(rows.length)}</p>`}
  `;
}

const More = ({ busy, load }) => html`
  <p class="more">
    <button onClick=${load} disabled=${busy}>${busy ? text.list.loading : text.list.more}</button>
  </p>
`;

export function lastMonth(rows, now = Date.now()) {
  const recent = rows.filter((row) => Date.parse(row.start) > now - MONTH_MS);
  const far = recent.filter((row) => known(row, "distance"));
  return {
    count: recent.length,
    withDistance: far.length,
    metres: far.reduce((sum, row) => sum + known(row, "distance").value, 0),
    twins: recent.some((row) => row.twins > 0),
    reachesBack: recent.length < rows.length,
  };
}

function Answer({ rows, more }) {
  const { count, withDistance, metres, twins, reachesBack } = lastMonth(rows);
  if (count === 0) return html`<p class="answer">${text.list.quiet(day(rows[0].day))}</p>`;
  const far = withDistance ? text.list.andDistance(distance(metres), withDistance, count) : "";
  return html`
    <p class="answer">${text.list.answer(count, more && !reachesBack)}${far}.</p>
    ${twins && html`<p class="hint">${text.list.twins}</p>`}
  `;
}

function Months({ rows }) {
  const months = grouped(rows, monthOf);
  return html`
    <${RowHead} />
    ${[...months].map(
      ([name, inMonth]) => html`
        <section class="month" key=${name} aria-labelledby=${name}>
          <h2 id=${name}>
            ${month(`${name}-01`)} <small>${text.list.inMonth(inMonth.length)}</small>
          </h2>
          <ul class="rows">
            ${inMonth.map((row) => html`<${ActivityRow} key=${row.id} row=${row} />`)}
          </ul>
        </section>
      `,
    )}
    <p class="hint">${text.list.computedNote}</p>
  `;
}

const monthOf = (row) => row.day.slice(0, 7);

function grouped(rows, nameOf) {
  const groups = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  }
  return groups;
}

const Skeleton = () => html`
  <div class="skeleton" role="status" aria-label=${text.list.loading}>
    ${[...Array(6).keys()].map(() => html`<div class="bone"></div>`)}
  </div>
`;

const Empty = () => html`
  <section class="empty">
    <h2>${text.empty.title}</h2>
    <p>${text.empty.lead}</p>
    <${ImportButtons} />
    <p class="hint">${text.empty.note}</p>
  </section>
`;
