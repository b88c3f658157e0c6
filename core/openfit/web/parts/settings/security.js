// Password, second factor, sessions, and what happened to the account.

import { useState } from "preact/hooks";
import * as account from "../../account-api.js";
import { filled, useAction } from "../../action.js";
import { here } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loading.js";
import { forget } from "../../session.js";
import { part, text as page } from "../../text.js";
import { Field } from "../field.js";
import { Identity } from "./identity.js";
import { Outcome } from "../outcome.js";
import { ProblemNote } from "../problem.js";
import { Secret } from "../secret.js";
import { Table } from "../table.js";

const t = (await part("settings")).security;

async function load() {
  const [me, sessions, events] = await Promise.all([account.account(), account.sessions(), account.events()]);
  return { me, sessions: sessions.items, events: events.items };
}

export function Security() {
  const { value, problem, again } = useLoaded(load, []);
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  if (!value) return html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`;
  return html`
    <${Password} me=${value.me} again=${again} />
    <${Totp} me=${value.me} again=${again} />
    <${Identity} me=${value.me} again=${again} />
    <${Sessions} sessions=${value.sessions} again=${again} />
    <${Events} events=${value.events} />
  `;
}

function Password({ me, again }) {
  const [state, run] = useAction();
  const submit = (event) => {
    const form = event.target;
    const said = filled(event);
    const body = { new: said["new-password"], ...(said.password && { current: said.password }) };
    run(async () => {
      await account.changePassword(body);
      form.reset();
      again();
    }, t.passwordSaved);
  };
  return html`
    <section aria-labelledby="password-title">
      <h2 id="password-title">${t.password}</h2>
      <p class="hint">${t.passwordNote}</p>
      <form onSubmit=${submit}>
        ${me.has_password && html`<${Field} label=${t.current} name="password" type="password" autocomplete="current-password" required />`}
        <${Field} label=${t.new} hint=${t.length} name="new-password" type="password" autocomplete="new-password" minlength="10" required />
        <button disabled=${state.busy}>${me.has_password ? t.change : t.choose}</button>
        <${Outcome} state=${state} />
      </form>
    </section>
  `;
}

function Totp({ me, again }) {
  const [state, run] = useAction();
  const [offer, setOffer] = useState(null);
  const [codes, setCodes] = useState(null);
  const ask = (event) => {
    const { password } = filled(event);
    run(async () => setOffer(await account.offerTotp(password)));
  };
  const confirm = (event) => {
    const { code } = filled(event);
    run(async () => {
      setCodes((await account.confirmTotp(code)).recovery_codes);
      setOffer(null);
      again();
    }, t.totpOn);
  };
  const off = (event) => {
    const body = filled(event);
    run(async () => {
      await account.removeTotp(body);
      again();
    }, t.totpOff);
  };
  return html`
    <section aria-labelledby="totp-title">
      <h2 id="totp-title">${t.totp}</h2>
      <p class="hint">${me.has_totp ? t.totpIsOn : t.totpIsOff}</p>
      ${codes && html`<${Secret} label=${t.recovery} value=${codes.join("\n")} onClose=${() => setCodes(null)} />`}
      ${offer && html`<${Offer} offer=${offer} confirm=${confirm} state=${state} />`}
      ${
        !offer &&
        html`<form onSubmit=${me.has_totp ? off : ask}>
          ${me.has_password && html`<${Field} label=${t.current} name="password" type="password" autocomplete="current-password" required />`}
          ${me.has_totp && html`<${Field} label=${t.totpCode} name="code" autocomplete="one-time-code" required />`}
          <button disabled=${state.busy}>${me.has_totp ? t.switchOff : t.switchOn}</button>
          <${Outcome} state=${state} />
        </form>`
      }
    </section>
  `;
}

/** The hub draws the picture; here it is an image like any other. */
function Offer({ offer, confirm, state }) {
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(offer.picture)}`;
  return html`
    <form class="panel" onSubmit=${confirm}>
      <p>${t.scan}</p>
      <img class="qr" src=${picture} alt=${t.qr} width="200" height="200" />
      <p class="hint">${t.byHand} <code class="breaks">${offer.secret}</code></p>
      <${Field} label=${t.totpCode} name="code" inputmode="numeric" autocomplete="one-time-code" required />
      <button class="main" disabled=${state.busy}>${t.confirm}</button>
      <${Outcome} state=${state} />
    </form>
  `;
}

/** "Firefox on Linux", as far as a browser says. */
function agentName(agent) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const known = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  if (!known) return agent.slice(0, 60) || t.unknownAgent;
  return system ? t.browserOn(known, system.replace("Mac OS X", "macOS")) : known;
}

function Sessions({ sessions, again }) {
  const [state, run] = useAction();
  const end = (one) =>
    run(async () => {
      await account.endSession(one.id);
      if (one.current) return forget();
      return again();
    }, t.ended);
  const others = sessions.filter(({ current }) => !current).length;
  const everywhere = () =>
    run(async () => {
      await account.endSessions();
      await forget();
    });
  return html`
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">${t.sessions}</h2>
      ${sessions.length === 0 && html`<p class="hint">${t.noSessions}</p>`}
      <ul class="lines">
        ${sessions.map(
          (one) => html`<li key=${one.id}>
            <div>
              <strong>${agentName(one.agent)}</strong> ${one.current && html`<span class="tag">${t.thisOne}</span>`}
              <p class="hint">${t.session(t.how[one.how] ?? one.how, here(one.used_at), one.address)}</p>
            </div>
            <button disabled=${state.busy} aria-label=${`${t.end}: ${agentName(one.agent)}`} onClick=${() => end(one)}>${t.end}</button>
          </li>`,
        )}
      </ul>
      <p class="buttons">
        ${others > 0 && html`<button disabled=${state.busy} onClick=${() => run(() => account.endSessions("this").then(again), t.ended)}>${t.endOthers}</button>`}
        ${sessions.length > 0 && html`<button class="alarm" disabled=${state.busy} onClick=${everywhere}>${t.everywhere}</button>`}
      </p>
      <${Outcome} state=${state} />
    </section>
  `;
}

const Events = ({ events }) =>
  events.length > 0 &&
  html`
    <section aria-labelledby="events-title">
      <details>
        <summary id="events-title">${t.events}</summary>
        <${Table} label=${t.events} head=${t.eventHead}
          rows=${events.map((one) => [here(one.at), t.what[one.what] ?? one.what.replaceAll("_", " "), one.detail, one.address])} />
      </details>
    </section>
  `;
