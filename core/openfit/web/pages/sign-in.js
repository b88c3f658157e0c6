// Coming in: by password, by a code, by the household's sign-in service, or with a key.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { Field } from "../parts/field.js";
import { Banner } from "../parts/banner.js";
import { PlainNote } from "../parts/plain-note.js";
import { ProblemNote } from "../parts/problem.js";
import { begin, signIn } from "../session.js";
import { remember } from "../storage.js";
import { part, text as page } from "../text.js";

const t = await part("sign-in");
const WAYS = ["password", "code", "key"];

/** The sign-in service sends the browser back with what went wrong behind `#`. */
function broughtBack() {
  const code = new URLSearchParams(location.hash.slice(1)).get("problem");
  if (code) history.replaceState(null, "", location.pathname);
  return code ? { message: t.problems.oidc, nextStep: t.problems.oidcStep } : null;
}

export function SignIn() {
  const { value: methods = {} } = useLoaded(api.signInMethods, []);
  const [chosen, setWay] = useState(null);
  const [problem, setProblem] = useState(broughtBack);
  document.title = `${t.title} · ${page.name}`;
  const choose = (next) => {
    setWay(next);
    setProblem(null);
  };
  const offered = methods.setup ? ["key"] : WAYS.filter((one) => one === "key" || methods[one] !== false);
  const way = chosen ?? offered[0];
  const Form = { password: ByPassword, code: ByCode, key: ByKey }[way];
  return html`
    <main class="sign-in">
      <${Banner} />
      <p class="brand">${page.name}</p>
      <h1>${t.title}</h1>
      <${PlainNote} />
      <p>${methods.setup ? t.setupWaits : t.lead}</p>
      ${methods.setup && html`<p class="hint">${t.setupElse}</p>`}
      ${offered.length > 1 && html`<div class="switch words" role="group" aria-label=${t.ways.label}>
        ${offered.map(
          (one) => html`<button aria-pressed=${String(one === way)} onClick=${() => choose(one)}>${t.ways[one]}</button>`,
        )}
      </div>`}
      <${Form} key=${way} problem=${problem} setProblem=${setProblem} />
      ${methods.oidc && html`<p><a class="button" href="/api/v1/auth/oidc/start" onClick=${() => remember("session", "yes")}>${t.oidc}</a></p>`}
      ${methods.registration === "open" && !methods.setup && html`<p><a href="/register">${t.register}</a></p>`}
    </main>
  `;
}

/** What a form does: one try at a time, and what came of it. */
function useTry(setProblem) {
  const [busy, setBusy] = useState(false);
  const attempt = async (work) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (problem) {
      setProblem(problem);
    }
    setBusy(false);
  };
  return [busy, attempt];
}

const given = (event) => {
  event.preventDefault();
  return Object.fromEntries(
    [...new FormData(event.target)].map(([name, value]) => [name, name === "password" ? value : value.trim()]),
  );
};

const Submit = ({ busy, label = t.go }) =>
  html`<button class="main" disabled=${busy}>${busy ? t.going : label}</button>`;

function ByPassword({ problem, setProblem }) {
  const [busy, attempt] = useTry(setProblem);
  const [second, setSecond] = useState(false);
  useEffect(() => {
    if (problem?.code === "totp_needed") setSecond(true);
  }, [problem]);
  const submit = (event) => {
    const { email, password, totp } = given(event);
    attempt(async () => begin(await api.enter("/login", { email, password, ...(totp && { totp }) })));
  };
  const told = problem && !(problem.code === "totp_needed");
  return html`
    <form onSubmit=${submit}>
      <${Field} label=${t.email} name="email" type="email" autocomplete="username" required autofocus />
      <${Field} label=${t.password} name="password" type="password" autocomplete="current-password" required />
      ${second && html`<${Totp} />`}
      ${told && html`<${ProblemNote} problem=${problem} />`}
      <${Submit} busy=${busy} />
    </form>
  `;
}

const Totp = () => html`
  <${Field} label=${t.totp} hint=${t.totpHint} name="totp" autocomplete="one-time-code" required autofocus />
`;

function ByCode({ problem, setProblem }) {
  const [busy, attempt] = useTry(setProblem);
  const [email, setEmail] = useState(null);
  const [second, setSecond] = useState(false);
  useEffect(() => {
    if (problem?.code === "totp_needed") setSecond(true);
  }, [problem]);
  const ask = (event) => {
    const { email: to } = given(event);
    attempt(async () => {
      await api.enter("/request-otp", { email: to });
      setEmail(to);
    });
  };
  const answer = (event) => {
    const { code, totp } = given(event);
    attempt(async () => begin(await api.enter("/verify-otp", { email, code, ...(totp && { totp }) })));
  };
  const told = problem && problem.code !== "totp_needed" && html`<${ProblemNote} problem=${problem} />`;
  if (!email) {
    return html`
      <form onSubmit=${ask}>
        <${Field} label=${t.email} name="email" type="email" autocomplete="username" required autofocus />
        ${told}
        <${Submit} busy=${busy} label=${t.askCode} />
      </form>
    `;
  }
  return html`
    <form onSubmit=${answer}>
      <p role="status">${t.sent(email)}</p>
      <${Field} label=${t.code} hint=${t.codeHint} name="code" inputmode="numeric" autocomplete="one-time-code"
        required autofocus />
      ${second && html`<${Totp} />`}
      ${told}
      <p class="buttons">
        <${Submit} busy=${busy} />
        <button type="button" class="quiet" onClick=${() => setEmail(null)}>${t.other}</button>
      </p>
    </form>
  `;
}

/** Asks the hub for one activity: a wrong key is found here, not on the next page. */
function ByKey({ problem, setProblem }) {
  const [busy, attempt] = useTry(setProblem);
  const submit = (event) => {
    const { key } = given(event);
    attempt(async () => {
      await api.tryToken(key);
      signIn(key);
    });
  };
  return html`
    <form onSubmit=${submit}>
      <${Field} label=${t.key} hint=${t.keyWhere} name="key" type="password" autocomplete="off" required autofocus
        spellcheck="false" />
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      <${Submit} busy=${busy} />
    </form>
  `;
}
