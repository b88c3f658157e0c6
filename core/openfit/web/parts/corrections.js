// A person's say: correct a name, a sport or notes, take that back, or delete the activity.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { justDeleted } from "../deleted.js";
import { words } from "../format.js";
import { html } from "../html.js";
import { go } from "../router.js";
import { part, text } from "../text.js";
import { Dialog } from "./dialog.js";
import { ProblemNote } from "./problem.js";

const t = text.edit;
const own = await part("activity");
const SPORTS = [
  "running", "cycling", "walking", "hiking", "swimming", "training", "fitness_equipment", "rowing",
  "cross_country_skiing", "alpine_skiing", "mountaineering", "e_biking", "paddling", "generic",
];

export function CorrectDialog({ activity, tags, id, onChanged, onClose }) {
  const [problem, setProblem] = useState(null);
  const sports = SPORTS.includes(activity.sport) ? SPORTS : [activity.sport, ...SPORTS];
  const submit = async (event) => {
    event.preventDefault();
    const { tags: given, ...fields } = Object.fromEntries(new FormData(event.target));
    const changed = { ...changes(fields, activity), ...tagChanges(given, tags) };
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
        <label>${own.tags} <small>${own.tagsHint}</small><input name="tags" value=${tags.join(", ")} maxlength="500" autocapitalize="none" /></label>
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

const tagList = (given) => given.split(",").map((one) => one.trim().replace(/^#/, "")).filter(Boolean);

function tagChanges(given, before) {
  const tags = tagList(given);
  return tags.join() === before.join() ? {} : { tags };
}

export function DeleteDialog({ id, name, onClose }) {
  const [problem, setProblem] = useState(null);
  const remove = () =>
    api.remove(id).then(() => {
      justDeleted.value = { id, name };
      go("/activities");
    }, setProblem);
  return html`
    <${Dialog} title=${t.removeTitle} onClose=${onClose}>
      <p>${own.removeText}</p>
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
          html` <button class="quiet" onClick=${() => undo(field)}>${t.undo(own.fields[field] ?? field)}</button>`,
      )}
    </p>
  `;
}
