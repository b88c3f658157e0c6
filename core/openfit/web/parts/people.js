// Whose data is shown: one's own, or that of somebody who let one see it.

import { useEffect } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { go } from "../router.js";
import { look, others, setPeople, viewed } from "../session.js";
import { text } from "../text.js";

const t = text.people;

/** Nothing, unless somebody else's data may be seen. */
export function People() {
  useEffect(() => {
    api.people().then(({ items }) => setPeople(items), () => {}); // without an answer: one's own
  }, []);
  if (!others.value.length) return null;
  const choose = (event) => {
    look(Number(event.target.value) || null);
    go("/");
  };
  return html`
    <label class="people">
      <span>${t.label}</span>
      <select value=${viewed.value?.id ?? ""} onChange=${choose}>
        <option value="">${t.mine}</option>
        ${others.value.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
      </select>
    </label>
  `;
}

/** So that nobody takes another person's night for their own. */
export const OthersData = () =>
  viewed.value &&
  html`
    <p class="others-data">
      ${t.of(viewed.value.name)}
      <button class="quiet" onClick=${() => look(null)}>${t.back}</button>
    </p>
  `;
