// Everybody on this hub, for who runs it.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { user } from "../../session.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";
import { Secret } from "../secret.js";

const t = (await part("settings")).household;

export function Household() {
  const { value, problem, again } = useLoaded(account.members, []);
  const [link, setLink] = useState(null);
  const [state, run] = useAction();
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value) return html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`;
  const change = (one, body) => run(() => account.changeMember(one.id, body).then(again), t.changed);
  const makeLink = (one) => run(async () => setLink((await account.linkFor(one.id)).link));
  return html`
    <section aria-labelledby="household">
      <h2 id="household">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      <ul class="lines">
        ${value.items.map(
          (one) => html`<li key=${one.id}>
            <div>
              <strong>${one.name}</strong> <span class="tag">${t.roles[one.role]}</span>
              <p class="hint">${[one.email, one.disabled ? t.disabled : one.can_sign_in ? null : t.waiting].filter(Boolean).join(" · ")}</p>
            </div>
            ${String(one.id) !== String(user.value?.id) && html`<span class="buttons">
              <button disabled=${state.busy} aria-label=${`${t.link}: ${one.name}`} onClick=${() => makeLink(one)}>${t.link}</button>
              <button disabled=${state.busy} aria-label=${`${one.disabled ? t.enable : t.disable}: ${one.name}`}
                onClick=${() => change(one, { disabled: !one.disabled })}>${one.disabled ? t.enable : t.disable}</button>
            </span>`}
          </li>`,
        )}
      </ul>
      <${Outcome} state=${state} />
      ${link && html`<${Secret} label=${t.linkFor} value=${link} onClose=${() => setLink(null)} />`}
      <${Invite} made=${(found) => { setLink(found.link); again(); }} />
    </section>
  `;
}

function Invite({ made }) {
  const [state, run] = useAction();
  const submit = (event) => {
    const form = event.target;
    const { name, email, role } = filled(event);
    run(async () => {
      const found = await account.invite({ name, role, ...(email && { email }) });
      form.reset();
      made(found);
    }, t.invited);
  };
  return html`
    <form onSubmit=${submit}>
      <h3>${t.new}</h3>
      <${Field} label=${t.name} name="name" maxlength="200" required />
      <${Field} label=${t.email} name="email" type="email" />
      <${Field} label=${t.role} name="role" choices=${Object.entries(t.roles).reverse()} />
      <button class="main" disabled=${state.busy}>${t.invite}</button>
      <${Outcome} state=${state} />
    </form>
  `;
}
