// Days that something was written of, and what holds the words that are looked for.

import * as api from "../api.js";
import { useEffect, useState } from "preact/hooks";
import { day as dayName, shortDay, sportName } from "../format.js";
import { html } from "../html.js";
import { Icon, SportIcon } from "../icons.js";
import { search } from "../journal-api.js";
import { part } from "../text.js";
import { ProblemNote } from "./problem.js";

const t = await part("journal");
const PAGE = 30;

/** Pages of a list, one after the other: {rows, more, busy, problem, load}. */
function usePages(fetchPage) {
  const [state, setState] = useState({ rows: null, cursor: null });
  const load = async (cursor) => {
    setState((before) => ({ ...before, busy: true, problem: null }));
    try {
      const { items, next_cursor: next } = await fetchPage(cursor);
      setState((before) => ({ rows: [...(cursor ? before.rows : []), ...items], cursor: next }));
    } catch (problem) {
      setState((before) => ({ ...before, busy: false, problem }));
    }
  };
  useEffect(() => void load(null), []);
  return { ...state, load: () => load(state.cursor) };
}

function Pages({ found: { rows, cursor, busy, problem, load }, empty, children }) {
  return html`
    ${!rows && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${rows?.length === 0 && empty}
    ${rows?.length > 0 && html`<ul class="journal">${children}</ul>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${load} />`}
    ${cursor && html`<p class="more"><button onClick=${load} disabled=${busy}>${busy ? t.loading : t.more}</button></p>`}
  `;
}

const Entry = ({ href, icon, title, when, children }) => html`
  <li>
    <a class="entry" href=${href}>
      <span class="sport">${icon}</span>
      <span class="names"><span class="name">${title}</span>${when && html` <span class="when">${when}</span>`}<span class="said">${children}</span></span>
    </a>
  </li>
`;

export function AllDays() {
  const found = usePages((cursor) => api.journal({ limit: PAGE, cursor }));
  const empty = html`<section class="empty"><h2>${t.none.title}</h2><p>${t.none.lead}</p></section>`;
  return html`
    <${Pages} found=${found} empty=${empty}>
      ${found.rows?.map(
        ({ day, tags, note }) => html`<${Entry} key=${day} href="/journal/${day}" icon=${html`<${Icon} name="journal" />`} title=${dayName(day)}>
          ${note}${tags.length > 0 && html`<span class="tags">${tags.map((tag) => html`<span>#${tag}</span> `)}</span>`}
        <//>`,
      )}
    <//>
  `;
}

export function Found({ sought }) {
  const found = usePages((cursor) => search({ q: sought, limit: PAGE, cursor }));
  const empty = html`<section class="empty"><h2>${t.nothing.title}</h2><p>${t.nothing.lead}</p></section>`;
  return html`
    ${found.rows?.length > 0 && html`<p class="found" role="status">${t.found(found.rows.length, Boolean(found.cursor))}</p>`}
    <${Pages} found=${found} empty=${empty}>
      ${found.rows?.map((hit) => html`<${Hit} key=${hit.id ?? hit.day} hit=${hit} />`)}
    <//>
  `;
}

function Hit({ hit }) {
  const words = html`<${Marked} ...${hit.snippet} />`;
  if (hit.kind === "day")
    return html`<${Entry} href="/journal/${hit.day}" icon=${html`<${Icon} name="journal" />`} title=${dayName(hit.day)}>${words}<//>`;
  return html`
    <${Entry} href="/activities/${encodeURIComponent(hit.id)}" icon=${html`<${SportIcon} sport=${hit.sport} />`} title=${hit.title ?? sportName(hit)} when=${shortDay(hit.day)}>${words}<//>
  `;
}

/** Text with the words in it that were looked for; `marks` are [start, end) of characters. */
function Marked({ text, marks }) {
  const letters = [...text];
  const pieces = [];
  let at = 0;
  for (const [start, end] of marks) {
    pieces.push(letters.slice(at, start).join(""), html`<mark>${letters.slice(start, end).join("")}</mark>`);
    at = end;
  }
  return [...pieces, letters.slice(at).join("")];
}
