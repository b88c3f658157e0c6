// The journal: what one wrote about days, one day to write about, and a search that finds words
// wherever a person wrote them.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { lazily } from "../lazy.js";
import { useLoaded } from "../loading.js";
import { AddButton } from "../parts/add.js";
import { JournalDay } from "../parts/journal-day.js";
import { AllDays, Found } from "../parts/journal-list.js";
import { ask, asked } from "../query.js";
import { viewed } from "../session.js";
import { cameToSearch } from "../shortcuts.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";

const [t] = await Promise.all([part("journal"), sheet("journal.css")]);
const Entries = lazily(() => import("../parts/entries.js").then((it) => it.Entries));
const TYPING_MS = 300;
const MOST_TAGS = 12;
const today = () => new Date().toLocaleDateString("sv");

export const Journal = ({ id }) => (id ? html`<${JournalDay} key=${id} day=${id} />` : html`<${All} />`);

function All() {
  const sought = asked().q ?? "";
  const { value: tags } = useLoaded(() => api.tags().catch(() => ({ items: [] })), []);
  document.title = `${t.title} · ${frame.name}`;
  return html`
    <header class="page-head tight">
      <div><h1>${t.title}</h1><p class="hint">${t.lead}</p></div>
      ${!viewed.value && html`<p class="buttons"><a class="button main" href="/journal/${today()}">${t.write}</a><${AddButton} /></p>`}
    </header>
    <search class="seek">
      <${Words} sought=${sought} />
      <${Tags} tags=${tags?.items ?? []} sought=${sought} />
    </search>
    ${sought.trim() ? html`<${Found} key=${sought} sought=${sought} />` : html`<${AllDays} />`}
    ${!sought.trim() && !viewed.value && html`<${Entries} />`}
  `;
}

/** The search follows the typing, and is one step of the way back. */
function Words({ sought }) {
  const [typed, setTyped] = useState(sought);
  const [waiting, field] = [useRef(), useRef()];
  useEffect(() => setTyped(sought), [sought]);
  useEffect(() => {
    if (cameToSearch()) setTimeout(() => field.current?.focus()); // after the frame has put it on the page
    return () => clearTimeout(waiting.current);
  }, []);
  const type = (value) => {
    setTyped(value);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => ask({ q: value.trim() || null }, { push: !sought }), TYPING_MS);
  };
  return html`
    <label class="words">${t.find}
      <input type="search" ref=${field} value=${typed} maxlength="200" autocomplete="off" autocapitalize="none" onInput=${(event) => type(event.target.value)} />
    </label>
  `;
}

/** Those that are used most, each a search of its own. */
function Tags({ tags, sought }) {
  if (!tags.length) return null;
  const toggle = (tag) => ask({ q: tag === sought ? null : tag });
  return html`
    <div class="tag-row" role="group" aria-label=${t.tags}>
      ${tags.slice(0, MOST_TAGS).map(
        ({ tag, days, activities }) => html`<button key=${tag} class="chip" aria-pressed=${String(tag === sought)} onClick=${() => toggle(tag)}>#${tag} <small>${days + activities}</small></button>`,
      )}
    </div>
  `;
}
