// What was entered by hand, the latest first: changed in the sheet, deleted with a way back.

import { useState } from "preact/hooks";
import { adding, entered } from "../adding.js";
import { lineOf, nameOf, whenOf } from "../entry-words.js";
import * as entering from "../entering.js";
import { day as dayName } from "../format.js";
import { html } from "../html.js";
import { changes } from "../live.js";
import { useLoaded } from "../loading.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";
import { ProblemNote } from "./problem.js";

const [{ entries: t }] = await Promise.all([part("entering"), sheet("settings.css"), sheet("entering.css")]);
const PAGE = 20;

async function load(limit) {
  const [{ items, next_cursor: more }, known] = await Promise.all([entering.entries({ limit }), entering.kinds()]);
  return { items, more, metrics: new Map(known.metrics.map((one) => [one.type, one])) };
}

export function Entries() {
  const [limit, setLimit] = useState(PAGE);
  const { value, problem, again } = useLoaded(() => load(limit), [limit, entered.value, changes.value]);
  const [state, setState] = useState({});
  const remove = async (one) => {
    try {
      await entering.remove(one.id);
      setState({ gone: one });
    } catch (failure) {
      setState({ problem: failure });
    }
  };
  const undo = async () => {
    try {
      await entering.add(state.gone.entry);
      setState({ done: t.undone });
    } catch (failure) {
      setState({ ...state, problem: failure });
    }
  };
  return html`
    <section class="entries" aria-labelledby="entries">
      <h2 id="entries">${t.title}</h2>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
      <div role="status">
        ${state.gone && html`<p class="undo panel">${t.removed(nameOf(state.gone.entry, value.metrics))} <button onClick=${undo}>${t.undo}</button></p>`}
        ${state.done && html`<p class="hint">${state.done}</p>`}
      </div>
      ${!value && !problem && html`<div class="bone" role="status" aria-label=${page.loading}></div>`}
      ${value?.items.length === 0 && html`<p class="hint">${t.none}</p>`}
      <ul class="lines">
        ${(value?.items ?? []).map((one) => html`<${Entry} key=${one.id} one=${one} metrics=${value.metrics} remove=${remove} />`)}
      </ul>
      ${value?.more && html`<p class="more"><button onClick=${() => setLimit(limit + PAGE)}>${t.more}</button></p>`}
    </section>
  `;
}

const STATES = { pending: t.waiting, failed: t.failed };

function Entry({ one, metrics, remove }) {
  const { entry, state } = one;
  const [name, { day, time }] = [nameOf(entry, metrics), whenOf(entry)];
  const what = `${name}, ${dayName(day)}${time && `, ${time}`}`;
  return html`
    <li>
      <div>
        <strong>${name}</strong> ${lineOf(entry, metrics)}
        <p class="hint">${dayName(day)}${time && `, ${time}`}${STATES[state] && ` · ${STATES[state]}`}</p>
      </div>
      <p class="buttons">
        <button class="quiet" aria-label=${t.change(what)} onClick=${() => (adding.value = one)}>${t.changeShort}</button>
        <button class="quiet" aria-label=${t.remove(what)} onClick=${() => remove(one)}>${t.removeShort}</button>
      </p>
    </li>
  `;
}
