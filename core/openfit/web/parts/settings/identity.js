// The household's sign-in service as a second way into one's account.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import * as api from "../../api.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { part } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";

const t = await part("identity");

/** The service sends the browser back with what went wrong behind `#`. */
function broughtBack() {
  const refused = new URLSearchParams(location.hash.slice(1)).has("problem");
  if (refused) history.replaceState(null, "", location.pathname);
  return refused ? t.refused : null;
}

export function Identity({ me, again }) {
  const { value: methods } = useLoaded(api.signInMethods, []);
  const [refused] = useState(broughtBack);
  const [state, run] = useAction();
  if (!methods?.oidc && !me.has_identity) return null;
  const remove = (event) => {
    const body = filled(event);
    run(() => account.removeIdentity(body).then(again), t.removed);
  };
  const linked = html`
    <p class="hint">${t.linked}</p>
    <form onSubmit=${remove}>
      ${me.has_password && html`<${Field} label=${t.password} name="password" type="password" autocomplete="current-password" required />`}
      <button disabled=${state.busy}>${t.remove}</button>
    </form>
  `;
  const open = html`
    <p class="hint">${t.unlinked}</p>
    <p class="buttons"><button disabled=${state.busy} onClick=${() => run(account.addIdentity)}>${state.busy ? t.leaving : t.link}</button></p>
  `;
  return html`
    <section aria-labelledby="identity-title">
      <h2 id="identity-title">${t.title}</h2>
      ${refused && html`<${ProblemNote} problem=${refused} />`}
      ${me.has_identity ? linked : open}
      <${Outcome} state=${state} />
    </section>
  `;
}
