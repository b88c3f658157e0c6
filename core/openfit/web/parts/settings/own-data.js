// Taking everything along, deleting, backing up. Nothing goes before it was counted.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import * as api from "../../api.js";
import { download } from "../../download.js";
import { number, size } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { given } from "../../naming.js";
import { forget, user } from "../../session.js";
import { part } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { Backups } from "./backups.js";
import { Retention } from "./retention.js";

const t = (await part("settings")).data;
const WHAT = ["range", "source", "everything"];

export const OwnData = () => html`
  <${Export} />${user.value?.role !== "member" && html`<${Backups} />`}<${Retention} /><${Deletion} /><${End} />
`;

function Export() {
  const [state, run] = useAction();
  return html`
    <section aria-labelledby="export">
      <h2 id="export">${t.export.title}</h2>
      <p class="hint">${t.export.lead}</p>
      <p class="buttons"><button class="main" disabled=${state.busy} onClick=${() => run(download, t.export.done)}>${state.busy ? t.export.going : t.export.go}</button></p>
      <${Outcome} state=${state} />
    </section>
  `;
}

/** How much of what a person would miss. */
const gone = (counts) => Object.keys(t.counts).reduce((sum, name) => sum + (counts[name] ?? 0), 0);

/** Rows of each kind, as far as there are any. */
function Counts({ counts }) {
  const rows = Object.entries(t.counts)
    .filter(([name]) => counts[name] > 0)
    .map(([name, said]) => said(name.endsWith("_bytes") ? size(counts[name]) : number(counts[name]), counts[name]));
  if (!rows.length) return html`<p>${t.remove.nothing}</p>`;
  return html`<p>${t.remove.counted}</p><ul class="remarks">${rows.map((row) => html`<li>${row}</li>`)}</ul>`;
}

/** Where a day begins on this browser's clock; `later` days after it. */
function midnight(isoDay, later = 0) {
  const [year, month, day] = isoDay.split("-").map(Number);
  return new Date(year, month - 1, day + later).toISOString();
}

function Deletion() {
  const { value: sources } = useLoaded(() => api.devices().then(({ items }) => items), []);
  const [what, setWhat] = useState(WHAT[0]);
  const [asked, setAsked] = useState(null);
  const [state, run] = useAction();
  const count = (event) => {
    const { from, to, source } = filled(event);
    const wish = what === "everything" ? { everything: true } : what === "source" ? { source } : { from: midnight(from), to: midnight(to, 1) };
    run(async () => setAsked({ wish, ...(await account.deleteData(wish)) }));
  };
  const go = () =>
    run(async () => {
      await account.deleteData({ ...asked.wish, dry_run: false, confirm: asked.confirm });
      setAsked(null);
    }, t.remove.gone);
  const choices = WHAT.map((one) => [one, t.remove[one]]);
  return html`
    <section aria-labelledby="remove">
      <h2 id="remove">${t.remove.title}</h2>
      <p class="hint">${t.remove.lead}</p>
      ${
        asked
          ? html`<div class="panel">
              <${Counts} counts=${asked.counts} />
              ${gone(asked.counts) > 0 && html`<p class="hint">${t.remove.afterwards}</p>`}
              <p class="buttons">
                ${gone(asked.counts) > 0 && html`<button class="alarm" disabled=${state.busy} onClick=${go}>${t.remove.go}</button>`}
                <button onClick=${() => setAsked(null)}>${t.remove.keep}</button>
              </p>
            </div>`
          : html`<form onSubmit=${count}>
              <${Field} label=${t.remove.what} name="what" value=${what} choices=${choices} onChange=${(event) => setWhat(event.target.value)} />
              ${what === "source" && html`<${Field} label=${t.remove.source} name="source" required choices=${(sources ?? []).map((one) => [one.source_id, given(one.label || one.connection || one.integration)])} />`}
              ${what === "range" && html`<${Field} label=${t.remove.from} name="from" type="date" required /><${Field} label=${t.remove.to} name="to" type="date" required />`}
              <button disabled=${state.busy}>${t.remove.count}</button>
            </form>`
      }
      <${Outcome} state=${state} />
    </section>
  `;
}

function End() {
  const [asked, setAsked] = useState(null);
  const [state, run] = useAction();
  const go = (event) => {
    const { password, totp } = filled(event);
    run(async () => {
      await account.deleteAccount({ dry_run: false, confirm: asked.confirm, ...(password && { password }), ...(totp && { totp }) });
      await forget();
    });
  };
  return html`
    <section aria-labelledby="end">
      <h2 id="end">${t.account.title}</h2>
      <p class="hint">${t.account.lead}</p>
      ${
        asked
          ? html`<form onSubmit=${go}>
              <${Counts} counts=${asked.counts} />
              <${Field} label=${t.account.password} name="password" type="password" autocomplete="current-password" />
              <${Field} label=${t.account.totp} name="totp" autocomplete="one-time-code" />
              <p class="buttons">
                <button class="alarm" disabled=${state.busy}>${t.account.go}</button>
                <button type="button" onClick=${() => setAsked(null)}>${t.remove.keep}</button>
              </p>
            </form>`
          : html`<p class="buttons"><button class="alarm" disabled=${state.busy} onClick=${() => run(async () => setAsked(await account.deleteAccount({})))}>${t.remove.count}</button></p>`
      }
      <${Outcome} state=${state} />
    </section>
  `;
}
