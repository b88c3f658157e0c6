// Taking everything along.

import { useAction } from "../../action.js";
import * as api from "../../api.js";
import { html } from "../../html.js";
import { offer } from "../../offer.js";
import { part } from "../../text.js";
import { Outcome } from "../outcome.js";

const t = (await part("settings")).data;

export function OwnData() {
  const [state, run] = useAction();
  const download = () => run(async () => offer(await (await api.request("/export")).blob(), "openfit.zip"), t.export.done);
  return html`
    <section aria-labelledby="export">
      <h2 id="export">${t.export.title}</h2>
      <p class="hint">${t.export.lead}</p>
      <p class="buttons"><button class="main" disabled=${state.busy} onClick=${download}>${state.busy ? t.export.going : t.export.go}</button></p>
      <${Outcome} state=${state} />
    </section>
  `;
}
