// All activities: a list that can be searched, or a calendar, under one line that sums up the last
// month. What is asked stands in the address.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { justDeleted } from "../deleted.js";
import { filtersOf, noFilters } from "../finding.js";
import { day, distance, here, sportName } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { useLoaded } from "../loading.js";
import { ActivityCalendar } from "../parts/activity-calendar.js";
import { Filters } from "../parts/activity-filters.js";
import { ActivityList, Skeleton, useActivities } from "../parts/activity-list.js";
import { ImportButtons } from "../parts/import-panel.js";
import { addressOf, ask, asked } from "../query.js";
import { sheet } from "../sheet.js";
import { part, text } from "../text.js";
import { known } from "../totals.js";

const t = await part("activities");
await Promise.all([sheet("activities.css"), sheet("calendar.css")]);

const MONTH_MS = 30 * 24 * 3600 * 1000;

export function Activities() {
  const filters = filtersOf(asked());
  const filtered = Object.keys(filters).length > 0;
  const calendar = asked().view === "calendar";
  const [restored, setRestored] = useState(0);
  const latest = useActivities({}, [finishedImports.value, restored]);
  document.title = `${calendar ? t.calendar.title : text.list.title} · ${text.name}`;
  const none = latest.rows?.length === 0;
  return html`
    <header class="page-head tight">
      <div>
        <h1>${text.list.title}</h1>
        ${latest.rows?.length > 0 && html`<${Answer} rows=${latest.rows} more=${latest.cursor} />`}
        ${!latest.rows && html`<p class="answer" aria-hidden="true">${"\u00a0"}</p>`}
      </div>
      ${!none && html`<${ImportButtons} />`}
    </header>
    <${JustDeleted} onRestored=${() => setRestored(restored + 1)} />
    ${none ? html`<${Empty} />` : html`<${Views} calendar=${calendar} />`}
    ${!none && calendar && html`<${ActivityCalendar} latest=${latest.rows?.[0]?.day} />`}
    ${!none && !calendar && html`<${Filters} />`}
    ${!none && !calendar && (filtered ? html`<${Found} filters=${filters} again=${restored} />` : html`<${All} found=${latest} />`)}
    <${Deleted} key=${restored} onRestored=${() => setRestored(restored + 1)} />
  `;
}

const Views = ({ calendar }) => html`
  <nav class="tabs" aria-label=${t.views.label}>
    <a href=${addressOf("/activities", { ...asked(), view: null, month: null })} aria-current=${calendar ? undefined : "page"}>${t.views.list}</a>
    <a href=${addressOf("/activities", { view: "calendar" })} aria-current=${calendar ? "page" : undefined}>${t.views.calendar}</a>
  </nav>
`;

const All = ({ found }) => html`
  ${found.rows === null && !found.problem && html`<${Skeleton} />`}
  <${ActivityList} ...${found} end=${text.list.all} />
`;

function Found({ filters, again }) {
  const found = useActivities(filters, [finishedImports.value, again]);
  const { rows, cursor, problem } = found;
  if (rows === null && !problem) return html`<${Skeleton} />`;
  return html`
    ${rows?.length > 0 && html`<p class="found" role="status">${t.found(rows.length, Boolean(cursor))}</p>`}
    ${
      rows?.length === 0 &&
      html`<section class="empty">
        <h2>${t.nothing.title}</h2>
        <p>${t.nothing.lead}</p>
        <p><button onClick=${() => ask(noFilters)}>${t.clear}</button></p>
      </section>`
    }
    <${ActivityList} ...${found} end=${() => null} />
  `;
}

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

const Empty = () => html`
  <section class="empty">
    <h2>${text.empty.title}</h2>
    <p>${text.empty.lead}</p>
    <${ImportButtons} />
    <p class="hint">${text.empty.note}</p>
  </section>
`;

function JustDeleted({ onRestored }) {
  const gone = justDeleted.value;
  if (!gone) return null;
  const undo = async () => {
    await api.restoreActivity(gone.id);
    justDeleted.value = null;
    onRestored();
  };
  return html`<p class="undo panel" role="status">${t.undone.said(gone.name)} <button onClick=${undo}>${t.undone.undo}</button></p>`;
}

/** What was deleted can come back. */
function Deleted({ onRestored }) {
  const { value } = useLoaded(() => api.deletedActivities().catch(() => ({ items: [] })), []);
  if (!value?.items.length) return null;
  const restore = async (id) => {
    await api.restoreActivity(id);
    onRestored();
  };
  return html`
    <details class="rest deleted">
      <summary>${t.deleted.title}</summary>
      <ul class="stated">
        ${value.items.map(
          (one) => html`<li key=${one.id}>
            <span>${one.name ?? sportName(one)} <small>${here(one.start)} · ${t.deleted.gone(here(one.deleted_at))}</small></span>
            <button class="quiet" aria-label="${t.deleted.back}: ${one.name ?? sportName(one)}" onClick=${() => restore(one.id)}>${t.deleted.back}</button>
          </li>`,
        )}
      </ul>
    </details>
  `;
}
