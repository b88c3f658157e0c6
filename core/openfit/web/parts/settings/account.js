// Name and mail address.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";

const t = (await part("settings")).account;

export function Account() {
  const { value, problem, again } = useLoaded(account.account, []);
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value) return html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`;
  return html`<${Name} me=${value} again=${again} /><${Email} me=${value} again=${again} />`;
}

function Name({ me, again }) {
  const [state, run] = useAction();
  const submit = (event) => {
    const { name } = filled(event);
    run(() => account.rename(name).then(again), t.saved);
  };
  return html`
    <section aria-labelledby="account">
      <h2 id="account">${t.title}</h2>
      <p class="hint">${t.roles[me.role]}</p>
      <form onSubmit=${submit}>
        <${Field} label=${t.name} name="name" defaultValue=${me.name} maxlength="200" autocomplete="name" required />
        <button disabled=${state.busy}>${t.save}</button>
        <${Outcome} state=${state} />
      </form>
    </section>
  `;
}

function Email({ me, again }) {
  const [state, run] = useAction();
  const [waiting, setWaiting] = useState(null);
  const submit = (event) => {
    const body = filled(event);
    run(async () => {
      const { done } = await account.changeEmail(body);
      setWaiting(done ? null : body.email);
      if (done) again();
      return done;
    }, (done) => (done ? t.emailSaved : t.codeSent(body.email)));
  };
  const confirm = (event) => {
    const { code } = filled(event);
    run(async () => {
      await account.confirmEmail({ email: waiting, code });
      setWaiting(null);
      again();
    }, t.emailSaved);
  };
  return html`
    <section aria-labelledby="email-title">
      <h2 id="email-title">${t.email}</h2>
      <p>${me.email ?? html`<span class="absent">${t.noEmail}</span>`}</p>
      ${
        waiting
          ? html`<form onSubmit=${confirm}>
              <${Field} label=${t.code} name="code" inputmode="numeric" autocomplete="one-time-code" required />
              <button class="main" disabled=${state.busy}>${t.confirm}</button>
              <${Outcome} state=${state} />
            </form>`
          : html`<form onSubmit=${submit}>
              <${Field} label=${t.newEmail} name="email" type="email" autocomplete="email" required />
              ${me.has_password && html`<${Field} label=${t.password} name="password" type="password" autocomplete="current-password" required />`}
              <button disabled=${state.busy}>${t.changeEmail}</button>
              <${Outcome} state=${state} />
            </form>`
      }
    </section>
  `;
}
