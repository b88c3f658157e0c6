// A person's say about a sleep: when it began and ended, what it was, or that it was none.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { offsetMinutes } from "../format.js";
import { html } from "../html.js";
import { go } from "../router.js";
import { part } from "../text.js";
import { Dialog } from "./dialog.js";
import { ProblemNote } from "./problem.js";

const t = (await part("sleep")).detail;
const MINUTE = 60_000;
const TIMES = ["start", "asleep_start", "asleep_end", "end"];
const KINDS = ["main", "nap", "rest"];

const shift = (offset) => (offsetMinutes(offset) ?? 0) * MINUTE;
/** As a field of local time holds it, on the clock of that place. */
const toField = (instant, offset) => (instant ? new Date(Date.parse(instant) + shift(offset)).toISOString().slice(0, 16) : "");
const fromField = (value, offset) => new Date(Date.parse(`${value}:00Z`) - shift(offset)).toISOString();

function changes(given, sleep) {
  const found = {};
  for (const field of TIMES)
    if (given[field] && given[field] !== toField(sleep[field], sleep.utc_offset)) found[field] = fromField(given[field], sleep.utc_offset);
  if (given.kind && given.kind !== sleep.kind) found.kind = given.kind;
  return found;
}

export function CorrectNight({ sleep, onChanged, onClose }) {
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const changed = changes(Object.fromEntries(new FormData(event.target)), sleep);
    try {
      if (Object.keys(changed).length) await api.correctNight(sleep.id, changed);
      onChanged();
    } catch (failure) {
      setProblem(failure);
    }
  };
  const field = (name) => html`<label>${t[name]}<input type="datetime-local" name=${name} value=${toField(sleep[name], sleep.utc_offset)} /></label>`;
  return html`
    <${Dialog} title=${t.correctTitle} onClose=${onClose}>
      <form onSubmit=${submit}>
        ${TIMES.map(field)}
        <p class="hint">${t.local(sleep.utc_offset ?? "+00:00")}</p>
        <label>${t.kind}
          <select name="kind" value=${KINDS.includes(sleep.kind) ? sleep.kind : ""}>
            ${!KINDS.includes(sleep.kind) && html`<option value="">–</option>`}
            ${KINDS.map((kind) => html`<option value=${kind}>${t.kinds[kind]}</option>`)}
          </select>
        </label>
        <p class="hint">${t.keeps}</p>
        ${problem && html`<${ProblemNote} problem=${problem} />`}
        <p class="buttons"><button class="main">${t.save}</button><button type="button" onClick=${onClose}>${t.cancel}</button></p>
      </form>
    <//>
  `;
}

/** Deleting can be taken back while the dialog stands. */
export function RemoveNight({ id, onClose }) {
  const [state, setState] = useState({});
  const act = (what, done) => what(id).then(() => done(), (problem) => setState({ ...state, problem }));
  const leave = () => (state.gone ? go("/sleep") : onClose());
  return html`
    <${Dialog} title=${state.gone ? t.gone : t.removeTitle} onClose=${leave}>
      ${!state.gone && html`<p>${t.removeText}</p>`}
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
      <p class="buttons">
        ${
          state.gone
            ? html`<button class="main" onClick=${leave}>${t.back}</button>
                <button onClick=${() => act(api.restoreNight, () => setState({}))}>${t.restore}</button>`
            : html`<button class="alarm" onClick=${() => act(api.removeNight, () => setState({ gone: true }))}>${t.removeGo}</button>
                <button onClick=${onClose}>${t.cancel}</button>`
        }
      </p>
    <//>
  `;
}

export function TakenBack({ edits = [], id, onChanged }) {
  const fields = [...new Set(edits.map(({ field }) => field))];
  if (!fields.length) return null;
  const undo = (field) => api.correctNight(id, { [field]: null }).then(onChanged);
  return html`
    <p class="hint corrected">${t.correctedBy}:
      ${fields.map((field) => html` <button class="quiet" onClick=${() => undo(field)}>${t.undo(t.fields[field] ?? field)}</button>`)}
    </p>
  `;
}
