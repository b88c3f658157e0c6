// What a source needs to be connected, asked for as its manifest says.

import { html } from "../html.js";
import { filled, useAction } from "../action.js";
import { backAddress, connect, FIELDS, host } from "../connecting.js";
import { given } from "../naming.js";
import { part, text as page } from "../text.js";
import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { ProblemNote } from "./problem.js";

const t = await part("connecting");

export function ConnectForm({ one, made, onClose }) {
  const [state, run] = useAction();
  const submit = (event) => {
    const said = filled(event);
    run(async () => made(await connect(one, said)));
  };
  const { auth } = one;
  const fields = FIELDS[auth];
  return html`
    <${Dialog} title=${t.title(given(one.name))} onClose=${onClose}>
      <p>${t.lead[auth]}</p>
      <${About} one=${one} />
      ${auth === "oauth2" && html`<p class="hint">${t.back} <code class="breaks">${backAddress()}</code></p>`}
      <form onSubmit=${submit}>
        ${fields.map(
          ({ name, optional, ...input }) => html`<${Field} key=${name} label=${t.fields[auth][name]} hint=${t.hints[auth]?.[name]}
            name=${name} type="text" autocomplete="off" spellcheck="false" required=${!optional} ...${input} />`,
        )}
        <${Field} label=${t.since} hint=${t.sinceHint} name="history_from" type="date" max=${new Date().toISOString().slice(0, 10)} />
        ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
        <p class="buttons">
          <button class="main" disabled=${state.busy}>${state.busy ? t.going : auth === "oauth2" ? t.leave(host(one.authorize_url)) : t.go}</button>
          <button type="button" onClick=${onClose}>${page.edit.cancel}</button>
        </p>
      </form>
    <//>
  `;
}

/** What the manifest says before anything is given away. */
function About({ one }) {
  const { access, hosts = [], fallbacks = [], terms_url: terms, attribution } = one;
  return html`
    ${access === "unofficial" && html`<p class="note">${t.unofficial}</p>`}
    <ul class="remarks">
      ${hosts.length > 0 && html`<li>${t.hosts(hosts.join(", "))}</li>`}
      <li>${t.sealed}</li>
      ${fallbacks.length > 0 && html`<li>${t.fallbacks(fallbacks.join(", "))}</li>`}
      ${attribution && html`<li>${attribution}</li>`}
      ${terms && html`<li><a href=${terms} target="_blank" rel="noopener noreferrer">${t.terms}</a></li>`}
    </ul>
  `;
}
