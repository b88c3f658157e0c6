// Activities by month, newest first, a page at a time.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { wanted } from "../finding.js";
import { month } from "../format.js";
import { html } from "../html.js";
import { changes } from "../live.js";
import { text } from "../text.js";
import { ActivityRow, RowHead } from "./activity-row.js";
import { ProblemNote } from "./problem.js";

const PAGE = 50;

/** {rows, cursor, problem, busy, load}: rows are null until the first answer. */
export function useActivities(filters, keys) {
  const [state, setState] = useState({ rows: null, cursor: null });
  const turn = useRef(0);
  const load = async (from, { quietly = false } = {}) => {
    const mine = ++turn.current;
    const settle = (change) => mine === turn.current && setState(change);
    if (!quietly) settle((before) => ({ ...before, busy: true, problem: null }));
    try {
      const page = await api.activities({ ...wanted(filters), limit: PAGE, cursor: from });
      settle((before) => ({ rows: from ? [...before.rows, ...page.items] : page.items, cursor: page.next_cursor ?? null }));
    } catch (problem) {
      settle((before) => ({ ...before, busy: false, problem }));
    }
  };
  useEffect(() => void load(), [JSON.stringify(filters), ...keys]);
  const firstPage = state.rows?.length <= PAGE; // who went on reading is not sent back to the top
  useEffect(() => void (firstPage && load(undefined, { quietly: true })), [changes.value]);
  return { ...state, load };
}

export const Skeleton = () => html`
  <div class="skeleton" role="status" aria-label=${text.list.loading}>
    ${[...Array(6).keys()].map(() => html`<div class="bone"></div>`)}
  </div>
`;

export function ActivityList({ rows, cursor, problem, busy, load, end }) {
  return html`
    ${rows?.length > 0 && html`<${Months} rows=${rows} />`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${() => load(cursor)} />`}
    ${cursor && !problem && html`<p class="more"><button onClick=${() => load(cursor)} disabled=${busy}>${busy ? text.list.loading : text.list.more}</button></p>`}
    ${rows?.length > 0 && !cursor && !busy && html`<p class="hint">${end(rows.length)}</p>`}
  `;
}

function Months({ rows }) {
  return html`
    <${RowHead} />
    ${[...grouped(rows)].map(
      ([name, inMonth]) => html`
        <section class="month" key=${name} aria-labelledby=${name}>
          <h2 id=${name}>${month(`${name}-01`)} <small>${text.list.inMonth(inMonth.length)}</small></h2>
          <ul class="rows">${inMonth.map((row) => html`<${ActivityRow} key=${row.id} row=${row} />`)}</ul>
        </section>
      `,
    )}
    <p class="hint">${text.list.computedNote}</p>
  `;
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) {
    const name = row.day.slice(0, 7);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  }
  return groups;
}
