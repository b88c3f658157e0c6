// How long originals are kept, source by source. What a choice would take is said before it is made.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { useAction } from "../../action.js";
import { here, size } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { given } from "../../naming.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";

const t = (await part("settings")).retention;
const SPANS = [14, 30, 90, 365, 730, 1825]; // days

export function Retention() {
  const { value, problem, again } = useLoaded(account.retention, []);
  const bringing = (value?.items ?? []).filter(({ originals, days }) => originals > 0 || days);
  return html`
    <section aria-labelledby="retention">
      <h2 id="retention">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${!value && !problem && html`<div class="bone" role="status" aria-label=${page.loading}></div>`}
      ${value && bringing.length === 0 && html`<p>${t.none}</p>`}
      <ul class="lines">
        ${bringing.map((one) => html`<${Source} key=${one.connection_id} one=${one} again=${again} />`)}
      </ul>
    </section>
  `;
}

const choicesFor = ({ days }) => {
  const spans = days && !SPANS.includes(days) ? [...SPANS, days].sort((a, b) => a - b) : SPANS;
  return [["", t.forEver], ...spans.map((span) => [String(span), t.span(span)])];
};

/** What holds now, in a sentence. */
function standing({ originals, size: bytes, days, holds_from: from }) {
  const there = t.there(originals, size(bytes));
  if (!days) return there;
  return `${there} ${new Date(from) > Date.now() ? t.begins(here(from)) : t.holds(t.span(days))}`;
}

function Source({ one, again }) {
  const [wanted, setWanted] = useState(null); // {days, going, holds_from}, not chosen yet
  const [before, setBefore] = useState(null); // {days} that Undo goes back to
  const [state, run] = useAction();
  const { connection_id: id } = one;
  const name = given(one.name);
  const look = (chosen) => {
    const days = chosen ? Number(chosen) : null;
    setBefore(null);
    if (days === one.days) return setWanted(null);
    return run(async () => setWanted({ ...(await account.keepOriginals(id, { days })), days }));
  };
  const keep = (days, said) =>
    run(async () => {
      const now = await account.keepOriginals(id, { days, dry_run: false });
      setWanted(null);
      setBefore(said === t.undone ? null : { days: one.days });
      await again();
      return now;
    }, (now) => (said === t.undone || !now?.days ? said : t.savedUntil(here(now.holds_from))));
  return html`
    <li>
      <div><strong>${name}</strong><p class="hint">${standing(one)}</p></div>
      <${Field} label=${t.keep} name="days" aria-label=${`${t.keep}: ${name}`} disabled=${state.busy}
        value=${String((wanted ?? one).days ?? "")} choices=${choicesFor(one)} onChange=${(event) => look(event.target.value)} />
      ${wanted && html`<${Effect} wanted=${wanted} name=${name} busy=${state.busy} save=${() => keep(wanted.days, t.saved)} leave=${() => setWanted(null)} />`}
      <div class="whole" role="presentation">
        <${Outcome} state=${state} />
        ${before && html`<button aria-label=${`${t.undo}: ${name}`} disabled=${state.busy} onClick=${() => keep(before.days, t.undone)}>${t.undo}</button>`}
      </div>
    </li>
  `;
}

function Effect({ wanted, name, busy, save, leave }) {
  const { days, going, holds_from: from } = wanted;
  const first = !days
    ? t.effect.forEver
    : going.originals
      ? t.effect.goes(going.originals, size(going.size), t.span(days), here(from))
      : t.effect.nothingYet(t.span(days));
  return html`
    <div class="panel whole" role="group" aria-label=${t.effect.title(name)}>
      <p>${first}</p>
      ${days && html`<p class="hint">${t.effect.stays}</p>`}
      <p class="buttons">
        <button class="main" disabled=${busy} onClick=${save}>${t.effect.save}</button>
        <button onClick=${leave}>${t.effect.leave}</button>
      </p>
    </div>
  `;
}
