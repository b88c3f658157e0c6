// Backups of the whole hub: what lies there, when one is made, how it is sealed, how many stay.

import { useEffect, useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import * as api from "../../api.js";
import { here, size } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded, usePolled } from "../../loading.js";
import { sheet } from "../../sheet.js";
import { part } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";

const [t] = await Promise.all([part("backups"), sheet("backups.css")]);
const MOST_KEPT = 1000;
const OPEN = ["waiting", "running"];

/** What lies there, and whether one is being written. */
async function load() {
  const [found, { items }] = await Promise.all([account.backups(), api.tasks()]);
  return { ...found, writing: items.some(({ kind, state }) => kind === "backup" && OPEN.includes(state)) };
}

export function Backups() {
  const { value, problem, again } = useLoaded(load, []);
  const [state, run] = useAction();
  usePolled(value?.writing, again);
  const make = () => run(() => account.makeBackup().then(again), t.started);
  return html`
    <section aria-labelledby="backups">
      <h2 id="backups">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${value?.items.length === 0 && html`<p>${t.none}</p>`}
      <ul class="lines">
        ${(value?.items ?? []).map(
          (one) => html`<li key=${one.name}>
            <div><strong>${here(one.made_at)}</strong> <span class="tag">${one.sealed ? t.sealed : t.open}</span>
              <p class="hint">${one.name} · ${size(one.size)}</p></div>
          </li>`,
        )}
      </ul>
      <p class="buttons"><button disabled=${state.busy || value?.writing} onClick=${make}>${t.make}</button></p>
      ${value && html`<p class="hint">${t.makeHint[value.plan.encryption]}</p>`}
      <${Outcome} state=${state} />
      ${value && html`<${Plan} key=${JSON.stringify(value.plan)} plan=${value.plan} again=${again} />`}
      <details><summary>${t.restore}</summary><ol class="restoring">${t.steps.map((one) => html`<li>${one}</li>`)}</ol></details>
    </section>
  `;
}

const asPlan = ({ every, encryption, folder = "", ...kept }) => ({
  every,
  encryption,
  folder,
  ...Object.fromEntries(Object.keys(t.keeps).map((name) => [name, Number(kept[name] ?? 0)])),
});

let planned = ""; // outlives the form, which a changed plan renews

/** A first plan is sealed unless the person says otherwise. */
function Plan({ plan, again }) {
  const begun = plan.every !== "off" || plan.encryption !== "none";
  const [way, setWay] = useState(begun ? plan.encryption : "passphrase");
  const [every, setEvery] = useState(plan.every);
  const [state, run] = useAction();
  const kept = plan.encryption === "passphrase";
  const save = (event) => {
    const { passphrase, ...said } = filled(event);
    run(async () => {
      await account.planBackups(asPlan(said), passphrase);
      planned = t.planned;
      again();
    }, t.planned);
  };
  const [before] = useState(planned);
  useEffect(() => void (planned = ""), []);
  const done = state.done ?? (state.busy || state.problem ? "" : before);
  return html`
    <form aria-labelledby="plan" onSubmit=${save}>
      <h3 id="plan">${t.plan}</h3>
      <${Field} label=${t.every} name="every" value=${every} choices=${Object.entries(t.spans)} onChange=${(event) => setEvery(event.target.value)} />
      <fieldset class="ways">
        <legend>${t.encryption}</legend>
        ${Object.entries(t.ways).map(
          ([name, [said, about]]) => html`<label class="check"><input type="radio" name="encryption" value=${name} checked=${name === way}
            onChange=${() => setWay(name)} /><span>${said} <small>${about}</small></span></label>`,
        )}
      </fieldset>
      ${way === "passphrase" && html`<${Field} label=${t.passphrase} hint=${kept ? t.passphraseKept : t.passphraseHint} name="passphrase" type="password" autocomplete="new-password" minlength="8" maxlength="1000" required=${!kept} />`}
      <fieldset>
        <legend>${t.keep}</legend>
        <div class="three">${Object.entries(t.keeps).map(([name, said]) => html`<${Field} label=${said} name=${name} type="number" min="0" max=${MOST_KEPT} required defaultValue=${plan[name]} />`)}</div>
        <p class="hint">${t.keepHint}</p>
      </fieldset>
      <${Field} label=${t.folder} hint=${t.folderHint} name="folder" defaultValue=${plan.folder} autocomplete="off" spellcheck="false" />
      <button class="main" disabled=${state.busy}>${t.save}</button>
      <${Outcome} state=${{ ...state, done }} />
    </form>
  `;
}
