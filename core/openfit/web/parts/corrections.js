// A person's say: correct a name, a sport or notes, take that back, or delete the activity.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { words } from "../format.js";
import { html } from "../html.js";
import { go } from "../router.js";
import { text } from "../text.js";
import { ProblemNote } from "./problem.js";

const t = text.edit;
const SPORTS = [
  "running", "cycling", "walking", "hiking", "swimming", "training", "fitness_equipment", "rowing",
  "cross_country_skiing", "alpine_skiing", "mountaineering", "e_biking", "paddling", "generic",
];

/** A modal dialog: the browser keeps focus inside, and Escape closes it. */
function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => dialog.current.showModal(), []);
  return html`
    <dialog ref=${dialog} aria-labelledby="dialog-title" onClose=${onClose}>
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}

export function CorrectDialog({ activity, id, onChanged, onClose }) {
  const [problem, setProblem] = useState(null);
  const sports = SPORTS.includes(activity.sport) ? SPORTS : [activity.sport, ...SPORTS];
  const submit = async (event) => {
    event.preventDefault();
    const changed = changes(Object.fromEntries(new FormData(event.target)), activity);
    try {
      if (Object.keys(changed).length) onChanged(await api.correct(id, changed));
      onClose();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return html`
    <${Dialog} title=${t.title} onClose=${onClose}>
      <form onSubmit=${submit}>
        <label>${t.name}<input name="name" value=${activity.name ?? ""} maxlength="200" /></label>
        <label>
          ${t.sport}
          <select name="sport" value=${activity.sport}>
            ${sports.map((sport) => html`<option value=${sport}>${words(sport)}</option>`)}
          </select>
        </label>
        <label>${t.notes}<textarea name="notes" rows="4">${activity.notes ?? ""}</textarea></label>
        <p class="hint">${t.keeps}</p>
        ${problem && html`<${ProblemNote} problem=${problem} />`}
        <p class="buttons">
          <button class="main">${t.save}</button>
          <button type="button" onClick=${onClose}>${t.cancel}</button>
        </p>
      </form>
    <//>
  `;
}

/** Only what was touched; an emptied field goes back to what the source says. */
const changes = (given, activity) =>
  Object.fromEntries(
    Object.entries(given)
      .map(([field, value]) => [field, value.trim()])
      .filter(([field, value]) => value !== (activity[field] ?? ""))
      .map(([field, value]) => [field, value || null]),
  );

export function DeleteDialog({ id, onClose }) {
  const [problem, setProblem] = useState(null);
  const remove = () => api.remove(id).then(() => go("/"), setProblem);
  return html`
    <${Dialog} title=${t.removeTitle} onClose=${onClose}>
      <p>${t.removeText}</p>
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      <p class="buttons">
        <button class="alarm" onClick=${remove}>${t.removeGo}</button>
        <button onClick=${onClose}>${t.cancel}</button>
      </p>
    <//>
  `;
}

export function Corrected({ edits = [], id, onChanged }) {
  const fields = [...new Set(edits.map((edit) => edit.field))];
  if (!fields.length) return null;
  const undo = async (field) => onChanged(await api.correct(id, { [field]: null }));
  return html`
    <p class="hint corrected">
      ${t.corrected}:
      ${fields.map(
        (field) =>
          html` <button class="quiet" onClick=${() => undo(field)}>${t.undo(field)}</button>`,
      )}
    </p>
  `;
}
