// Making an account oneself, where the hub is open to that: at once, or by a code where it sends mail.

import { useState } from "preact/hooks";
import { filled, useAction } from "../action.js";
import * as api from "../api.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { Field } from "../parts/field.js";
import { ProblemNote } from "../parts/problem.js";
import { go } from "../router.js";
import { begin } from "../session.js";
import { part, text as page } from "../text.js";

const t = (await part("identity")).register;
const SHORTEST = 10;

const enter = async (path, body) => {
  begin(await api.enter(path, body));
  go("/");
};

export function Register() {
  const { value: methods, problem, again } = useLoaded(api.signInMethods, []);
  document.title = `${t.title} · ${page.name}`;
  const open = methods?.registration === "open" && !methods.setup;
  return html`
    <main class="sign-in">
      <p class="brand">${page.name}</p>
      <h1>${t.title}</h1>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${!methods && !problem && html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`}
      ${methods && !open && html`<${ProblemNote} problem=${{ message: t.closed, nextStep: t.closedStep }} />`}
      ${open && html`<p>${t.lead}</p>`}
      ${open && (methods.code ? html`<${ByMail} />` : html`<${AtOnce} />`)}
      <p><a href="/sign-in">${t.known}</a></p>
    </main>
  `;
}

const Who = ({ hint }) => html`
  <${Field} label=${t.name} name="name" autocomplete="name" maxlength="200" required autofocus />
  <${Field} label=${t.email} hint=${hint} name="email" type="email" autocomplete="username" required />
`;

const Submit = ({ state, label }) => html`
  ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
  <button class="main" disabled=${state.busy}>${state.busy ? t.going : label}</button>
`;

function AtOnce() {
  const [state, run] = useAction();
  const submit = (event) => {
    const said = filled(event);
    run(() => enter("/register", said));
  };
  return html`
    <form onSubmit=${submit}>
      <${Who} />
      <${Field} label=${t.password} hint=${t.passwordHint(SHORTEST)} name="password" type="password" autocomplete="new-password" minlength=${SHORTEST} required />
      <${Submit} state=${state} label=${t.go} />
    </form>
  `;
}

/** The password comes with the code: who only writes an address must not hold a key to it. */
function ByMail() {
  const [state, run] = useAction();
  const [email, setEmail] = useState(null);
  const ask = (event) => {
    const said = filled(event);
    run(async () => {
      await api.enter("/register", said);
      setEmail(said.email);
    });
  };
  const answer = (event) => {
    const said = filled(event);
    run(() => enter("/verify-otp", { email, ...said }));
  };
  if (!email) return html`<form onSubmit=${ask}><${Who} hint=${t.emailHint} /><${Submit} state=${state} label=${t.send} /></form>`;
  return html`
    <form onSubmit=${answer}>
      <p role="status">${t.sent(email)}</p>
      <${Field} label=${t.code} hint=${t.codeHint} name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus />
      <${Field} label=${t.later} hint=${t.passwordHint(SHORTEST)} name="password" type="password" autocomplete="new-password" minlength=${SHORTEST} />
      ${state.problem?.code === "totp_needed" && html`<${Field} label=${t.totp} name="totp" autocomplete="one-time-code" required />`}
      <${Submit} state=${state} label=${t.begin} />
      <p class="buttons"><button type="button" class="quiet" onClick=${() => setEmail(null)}>${t.other}</button></p>
    </form>
  `;
}
