// What the hub wants to tell: what happened, to what, and where to go with it.

import { here, metricName } from "../format.js";
import { html } from "../html.js";
import { ask, markRead, problem, told } from "../notices.js";
import { ProblemNote } from "../parts/problem.js";
import { viewed } from "../session.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";

const [t] = await Promise.all([part("notices"), sheet("settings.css")]);

const PLACES = {
  sign_in_again: () => "/sources",
  source_failed: () => "/sources",
  task_failed: () => "/jobs",
  import_failed: () => "/jobs",
  record: (id) => `/activities/${encodeURIComponent(id)}`,
  day_record: (id) => `/metrics/${encodeURIComponent(id)}`,
};

/** The button goes, so what had the focus on it begins again at the page. */
const readAll = () => markRead().then(() => document.getElementById("main").focus({ preventScroll: true }));

export function Notices() {
  const value = told.value;
  document.title = `${page.nav.notices} · ${page.name}`;
  if (viewed.value) return html`<h1>${page.nav.notices}</h1><p class="answer">${t.own}</p>`;
  return html`
    <header class="page-head">
      <div>
        <h1>${page.nav.notices}</h1>
        ${value && html`<p class="answer" role="status">${t.answer(value.unread)}</p>`}
      </div>
      ${value?.unread > 0 && html`<div class="buttons"><button onClick=${readAll}>${t.all}</button></div>`}
    </header>
    ${problem.value && html`<${ProblemNote} problem=${problem.value} again=${ask} />`}
    ${!value && !problem.value && html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`}
    ${value?.items.length === 0 && html`<div class="empty"><p><strong>${t.none}</strong></p><p class="hint">${t.noneLead}</p></div>`}
    ${value?.items.length > 0 && html`<p class="hint">${t.lead}</p><ul class="lines notices">${value.items.map((one) => html`<${Line} key=${one.id} one=${one} />`)}</ul>`}
  `;
}

/** A record of days is of its metric, in the page's words; all else is as the hub says it. */
function Line({ one }) {
  const [what, step] = t.kinds[one.kind] ?? t.other;
  const to = PLACES[one.kind]?.(one.about) ?? "/";
  const name = one.kind === "day_record" ? `${what}: ${metricName(one.about)}` : what;
  const opened = () => one.read || markRead([one.id]);
  return html`
    <li class=${one.read ? "read" : "fresh"}>
      <div>
        <strong>${name}</strong>${!one.read && html` <span class="tag">${t.isNew}</span>`}
        ${one.at && html` <small><time datetime=${one.at}>${here(one.at)}</time></small>`}
        <p lang="en">${one.message}</p>
        <p class="hint" lang="en">${one.next_step}</p>
      </div>
      <a class="button" href=${to} aria-label=${`${step}: ${one.message}`} onClick=${opened}>${step}</a>
    </li>
  `;
}
