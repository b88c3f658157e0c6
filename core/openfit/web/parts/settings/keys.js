// API keys: made, shown once, revoked.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import { here } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { user } from "../../session.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";
import { Secret } from "../secret.js";

const t = (await part("settings")).keys;
const LIVES = ["30", "90", "365", ""]; // days
const DAY_MS = 86_400_000;
const SCOPES = ["read", "write", "account", "owner"];

export function Keys() {
  const { value, problem, again } = useLoaded(account.keys, []);
  const [made, setMade] = useState(null);
  const [state, run] = useAction();
  const revoke = (one) => run(() => account.revokeKey(one.id).then(again), t.revoked(one.name));
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value) return html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`;
  return html`
    <section aria-labelledby="keys">
      <h2 id="keys">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      ${value.items.length === 0 && html`<p>${t.none}</p>`}
      <ul class="lines">
        ${value.items.map(
          (one) => html`<li key=${one.id}>
            <div>
              <strong>${one.name}</strong> <code>${one.hint}…</code>
              <p class="hint">${[one.scopes.map((scope) => t.scopes[scope] ?? scope).join(", "), one.used_at ? t.used(here(one.used_at)) : t.unused, one.expires_at ? t.expires(here(one.expires_at)) : t.never].join(" · ")}</p>
            </div>
            <button class="alarm" disabled=${state.busy} aria-label=${`${t.revoke}: ${one.name}`} onClick=${() => revoke(one)}>${t.revoke}</button>
          </li>`,
        )}
      </ul>
      <${Outcome} state=${state} />
      ${made && html`<${Secret} label=${t.made} value=${made} onClose=${() => setMade(null)} />`}
      <${NewKey} done=${(key) => { setMade(key); again(); }} />
    </section>
  `;
}

function NewKey({ done }) {
  const [state, run] = useAction();
  const submit = (event) => {
    const form = event.target;
    const { name, days } = filled(event);
    const scopes = new FormData(form).getAll("scopes");
    const expires = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null;
    run(async () => {
      const { key } = await account.makeKey({ name, scopes, expires_at: expires });
      form.reset();
      done(key);
    });
  };
  const may = user.value?.role === "member" ? SCOPES.slice(0, 3) : SCOPES;
  return html`
    <form onSubmit=${submit}>
      <h3>${t.new}</h3>
      <${Field} label=${t.name} hint=${t.nameHint} name="name" maxlength="200" required />
      <fieldset>
        <legend>${t.may}</legend>
        ${may.map(
          (scope) => html`<label class="check"><input type="checkbox" name="scopes" value=${scope} defaultChecked=${scope === "read"} /> ${t.scopes[scope]}</label>`,
        )}
      </fieldset>
      <${Field} label=${t.life} name="days" choices=${LIVES.map((days) => [days, days ? t.days(Number(days)) : t.never])} />
      <button class="main" disabled=${state.busy}>${t.make}</button>
      <${Outcome} state=${state} />
    </form>
  `;
}
