// One day of the journal: its words, to be read and written, and what else was that day.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { clock, day as dayName, sportName } from "../format.js";
import { html } from "../html.js";
import { Icon, SportIcon } from "../icons.js";
import { eraseDay, journalDay, writeDay } from "../journal-api.js";
import { isoOf, numberOf } from "../load.js";
import { useLoaded } from "../loading.js";
import { viewed } from "../session.js";
import { sheet } from "../sheet.js";
import { part, text as frame } from "../text.js";
import { AddButton } from "./add.js";
import { ProblemNote } from "./problem.js";

const [t] = await Promise.all([part("journal"), sheet("calendar.css")]);
const LONGEST = 1000;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const none = () => ({ items: [] });

async function load(day) {
  const [entry, tags, activities, nights] = await Promise.all([
    journalDay(day),
    api.tags().catch(none),
    api.activities({ from: day, to: day }).catch(none),
    api.nights({ from: day, to: day }).catch(() => ({ days: [] })),
  ]);
  return { entry, tags: tags.items, activities: activities.items, sleeps: nights.days.flatMap(({ sleeps }) => sleeps) };
}

export function JournalDay({ day }) {
  const known = ISO_DAY.test(day) && !Number.isNaN(Date.parse(day));
  const title = known ? dayName(day) : t.title;
  document.title = `${title} · ${frame.name}`;
  return html`
    <p class="back"><a href="/journal"><${Icon} name="back" />${t.back}</a></p>
    ${known ? html`<${Day} day=${day} title=${title} />` : html`<h1>${t.title}</h1><p>${t.noDay(day)}</p>`}
  `;
}

const beside = (day, by) => `/journal/${isoOf(numberOf(day) + by)}`;

function Day({ day, title }) {
  const { value, problem, again } = useLoaded(() => load(day), [day]);
  return html`
    <header class="steps-head">
      <a class="step" href=${beside(day, -1)} aria-label=${t.before} title=${t.before}><${Icon} name="back" /></a>
      <h1>${title}</h1>
      <a class="step back" href=${beside(day, 1)} aria-label=${t.after} title=${t.after}><${Icon} name="back" /></a>
    </header>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && (viewed.value ? html`<${Read} ...${value} />` : html`<${Write} key=${day} day=${day} ...${value} />`)}
    ${value && html`<p class="add-here"><${AddButton} day=${day} /></p>`}
    ${value && html`<${ThatDay} ...${value} />`}
    ${value && html`<p><a href="/night/${day}">${t.seconds}</a></p>`}
  `;
}

const Read = ({ entry: { tags, note } }) => html`
  <p class="notes">${note || html`<span class="absent">– ${t.nothingWritten}</span>`}</p>
  <p class="tags">${tags.map((tag) => html`<a key=${tag} href="/journal?q=${encodeURIComponent(tag)}">#${tag}</a>`)}</p>
`;

const listOf = (given) => given.split(",").map((one) => one.trim().replace(/^#/, "")).filter(Boolean);

function Write({ day, entry, tags: used }) {
  const [kept, setKept] = useState(entry);
  const [words, setWords] = useState({ note: entry.note, tags: entry.tags.join(", ") });
  const [state, setState] = useState({});
  const written = kept.note || kept.tags.length > 0;
  const change = (name) => (event) => {
    setWords({ ...words, [name]: event.target.value });
    setState({});
  };
  const send = async (act) => {
    setState({ busy: true });
    try {
      const now = await act();
      setKept(now);
      setWords({ note: now.note, tags: now.tags.join(", ") });
      setState({ said: now.note || now.tags.length ? t.saved : t.erased });
    } catch (problem) {
      setState({ problem });
    }
  };
  const save = (event) => {
    event.preventDefault();
    send(() => writeDay(day, { note: words.note.trim(), tags: listOf(words.tags) }));
  };
  const erase = async () => {
    const gone = kept;
    await send(() => eraseDay(day).then(() => ({ note: "", tags: [] })));
    setState((now) => (now.problem ? now : { ...now, gone }));
  };
  const undo = () => send(() => writeDay(day, { note: state.gone.note, tags: state.gone.tags }));
  const add = (tag) => setWords({ ...words, tags: [...listOf(words.tags), tag].join(", ") });
  const left = used.map(({ tag }) => tag).filter((tag) => !listOf(words.tags).includes(tag)).slice(0, 8);
  return html`
    <form class="write" onSubmit=${save}>
      <label>${t.note}<textarea name="note" rows="4" maxlength=${LONGEST} value=${words.note} onInput=${change("note")}></textarea></label>
      <label>${t.tags} <small>${t.tagsHint}</small><input name="tags" value=${words.tags} maxlength="500" autocapitalize="none" autocomplete="off" onInput=${change("tags")} /></label>
      ${left.length > 0 && html`<div class="tag-row" role="group" aria-label=${t.used}>${left.map((tag) => html`<button type="button" key=${tag} class="chip" aria-label=${t.add(tag)} onClick=${() => add(tag)}>#${tag}</button>`)}</div>`}
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
      <p class="buttons">
        <button class="main" disabled=${state.busy}>${t.save}</button>
        ${written && html`<button type="button" class="quiet" disabled=${state.busy} onClick=${erase}>${t.erase}</button>`}
        <span class="hint" role="status">${state.said}</span>
        ${state.gone && html`<button type="button" disabled=${state.busy} onClick=${undo}>${t.undo}</button>`}
      </p>
    </form>
  `;
}

/** Links to what was recorded, so that words and figures of a day are one step apart. */
function ThatDay({ activities, sleeps }) {
  if (!activities.length && !sleeps.length) return null;
  const at = ({ start, utc_offset: offset }) => clock(Date.parse(start), offset);
  return html`
    <section aria-labelledby="that-day">
      <h2 id="that-day">${t.thatDay}</h2>
      <ul class="journal">
        ${sleeps.map((one) => html`<li key=${one.id}><a class="entry" href="/sleep/${encodeURIComponent(one.id)}"><span class="sport"><${Icon} name="sleep" /></span><span class="names"><span class="name">${t.sleep}</span> <span class="when">${at(one)}</span></span></a></li>`)}
        ${activities.map((one) => html`<li key=${one.id}><a class="entry" href="/activities/${encodeURIComponent(one.id)}"><span class="sport"><${SportIcon} sport=${one.sport} /></span><span class="names"><span class="name">${one.name ?? sportName(one)}</span> <span class="when">${at(one)}</span></span></a></li>`)}
      </ul>
    </section>
  `;
}
