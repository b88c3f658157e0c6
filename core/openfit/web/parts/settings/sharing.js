// Who may see one's data, and who did.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import { here } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";
import { Secret } from "../secret.js";
import { Table } from "../table.js";

const t = (await part("settings")).sharing;
const ALL = "all";
const DAY_MS = 86_400_000;
const LIVES = ["7", "30", "90", ""]; // days

async function load() {
  const [grants, looks] = await Promise.all([account.grants(), account.looks()]);
  return { grants: grants.items, families: grants.families, looks: looks.items };
}

export function Sharing() {
  const { value, problem, again } = useLoaded(load, []);
  const [link, setLink] = useState(null);
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value) return html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`;
  const given = (made) => {
    setLink(made.link);
    again();
  };
  return html`
    <section aria-labelledby="sharing">
      <h2 id="sharing">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      <${Grants} grants=${value.grants} again=${again} />
      ${link && html`<${Secret} label=${t.link} value=${link} onClose=${() => setLink(null)} />`}
      <${NewGrant} families=${value.families} given=${given} />
    </section>
    <${Accept} />
    <${Looks} looks=${value.looks} />
  `;
}

const named = (families) => (families.includes(ALL) ? t.all : families.map((one) => t.families[one] ?? one).join(", "));

function Grants({ grants, again }) {
  const [state, run] = useAction();
  const live = grants.filter(({ state }) => state === "live" || state === "offered");
  return html`
    ${live.length === 0 && html`<p>${t.none}</p>`}
    <ul class="lines">
      ${live.map(
        (one) => html`<li key=${one.id}>
          <div>
            <strong>${one.person ?? t.offered}</strong> <span class="tag">${t.roles[one.role] ?? one.role}</span>
            <p class="hint">${named(one.families)} · ${one.expires_at ? t.until(here(one.expires_at)) : t.open}</p>
          </div>
          <button class="alarm" disabled=${state.busy} aria-label=${`${t.revoke}: ${one.person ?? t.offered}`}
            onClick=${() => run(() => account.revoke(one.id).then(again), t.revoked)}>${t.revoke}</button>
        </li>`,
      )}
    </ul>
    <${Outcome} state=${state} />
  `;
}

function NewGrant({ families, given }) {
  const [state, run] = useAction();
  const [all, setAll] = useState(true);
  const submit = (event) => {
    const form = event.target;
    const { role, email, days } = filled(event);
    const chosen = all ? [ALL] : new FormData(form).getAll("families");
    const body = { role, families: chosen, ...(email && { email }) };
    if (days) body.expires_at = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    run(async () => {
      const made = await account.give(body);
      form.reset();
      given(made);
    }, t.given);
  };
  return html`
    <form onSubmit=${submit}>
      <h3>${t.new}</h3>
      <${Field} label=${t.email} hint=${t.emailHint} name="email" type="email" />
      <${Field} label=${t.role} name="role" choices=${Object.entries(t.roles)} />
      <fieldset>
        <legend>${t.what}</legend>
        <label class="check"><input type="checkbox" checked=${all} onChange=${(event) => setAll(event.target.checked)} /> ${t.all}</label>
        ${
          !all &&
          html`<div class="checks">${families.map(
            (one) => html`<label class="check"><input type="checkbox" name="families" value=${one} /> ${t.families[one] ?? one}</label>`,
          )}</div>`
        }
      </fieldset>
      <${Field} label=${t.life} name="days" choices=${LIVES.map((days) => [days, days ? t.days(Number(days)) : t.open])} />
      <button class="main" disabled=${state.busy}>${t.give}</button>
      <${Outcome} state=${state} />
    </form>
  `;
}

/** A grant that was offered by a link: only what stands behind `#` is sent. */
function Accept() {
  const [state, run] = useAction();
  const submit = (event) => {
    const form = event.target;
    const { link } = filled(event);
    run(async () => {
      await account.acceptGrant(link.split("#").pop());
      form.reset();
    }, t.accepted);
  };
  return html`
    <section aria-labelledby="accept">
      <h2 id="accept">${t.acceptTitle}</h2>
      <form onSubmit=${submit}>
        <${Field} label=${t.acceptLink} name="link" autocomplete="off" spellcheck="false" required
          defaultValue=${location.pathname === "/grants" ? location.hash.slice(1) : ""} />
        <button disabled=${state.busy}>${t.accept}</button>
        <${Outcome} state=${state} />
      </form>
    </section>
  `;
}

const Looks = ({ looks }) => html`
  <section aria-labelledby="looks">
    <h2 id="looks">${t.looks}</h2>
    ${
      looks.length === 0
        ? html`<p class="hint">${t.noLooks}</p>`
        : html`<${Table} label=${t.looks} head=${t.looksHead} numeric=${[3]}
            rows=${looks.map((one) => [here(one.hour), one.person ?? t.gone, one.route.replace("/api/v1", ""), one.n])} />`
    }
  </section>
`;
