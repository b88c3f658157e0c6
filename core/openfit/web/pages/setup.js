// What a link of use once opens: the owner's first way in, an invitation, or a way back.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { Field } from "../parts/field.js";
import { PlainNote } from "../parts/plain-note.js";
import { ProblemNote } from "../parts/problem.js";
import { go } from "../router.js";
import { begin } from "../session.js";
import { part, text as page } from "../text.js";

const { setup: t, totp, totpHint } = await part("sign-in");
const SHORTEST = 10;

/** The token stands behind `#`, which no server sees; it does not stay in the address. */
function tokenOfAddress() {
  const behind = location.hash.slice(1);
  if (behind) history.replaceState(null, "", location.pathname);
  return new URLSearchParams(behind).get("token") ?? behind;
}

export function Setup() {
  const [token] = useState(tokenOfAddress);
  const [link, setLink] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const [second, setSecond] = useState(false);
  useEffect(() => {
    if (token) api.enter("/link", { token }).then(setLink, setProblem);
    else setProblem({ message: t.noLink, nextStep: t.noLinkStep });
  }, [token]);
  document.title = `${link ? t.title[link.purpose] : page.name} · ${page.name}`;
  const submit = async (event) => {
    event.preventDefault();
    const said = [...new FormData(event.target)].filter(([, value]) => value !== "");
    setBusy(true);
    setProblem(null);
    try {
      begin(await api.enter("/setup", { token, ...Object.fromEntries(said) }));
      go("/");
    } catch (failure) {
      setSecond((asked) => asked || failure.code === "totp_needed");
      setProblem(failure.code === "totp_needed" ? null : failure);
      setBusy(false);
    }
  };
  return html`
    <main class="sign-in">
      <p class="brand">${page.name}</p>
      <${PlainNote} hash=${token && `#${encodeURIComponent(token)}`} />
      ${!link && !problem && html`<p role="status">${t.looking}</p>`}
      ${link && html`<${Form} link=${link} submit=${submit} busy=${busy} problem=${problem} second=${second} />`}
      ${
        !link &&
        problem &&
        html`<h1>${page.missing.title}</h1><${ProblemNote} problem=${problem} />
          <p><a class="button" href="/sign-in">${t.toSignIn}</a></p>`
      }
    </main>
  `;
}

function Form({ link, submit, busy, problem, second }) {
  const { purpose } = link;
  const back = purpose === "sign_in";
  const [shown, setShown] = useState(false);
  return html`
    <h1>${t.title[purpose]}</h1>
    <p>${t.lead[purpose]}</p>
    <form onSubmit=${submit}>
      ${
        !back &&
        html`
          <${Field} label=${t.name} name="name" autocomplete="name" maxlength="200" required autofocus
            defaultValue=${purpose === "invite" ? link.name : ""} />
          <${Field} label=${t.email} hint=${t.emailHint} name="email" type="email" autocomplete="username" required
            defaultValue=${link.email ?? ""} readonly=${purpose === "invite" && Boolean(link.email)} />
        `
      }
      <${Field} label=${back ? t.passwordOptional : t.password} hint=${t.passwordHint(SHORTEST)} name="password"
        type=${shown ? "text" : "password"} autocomplete="new-password" minlength=${SHORTEST} required=${!back} />
      <label class="check">
        <input type="checkbox" checked=${shown} onChange=${(event) => setShown(event.target.checked)} /> ${t.show}
      </label>
      ${second && html`<${Field} label=${totp} hint=${totpHint} name="totp" autocomplete="one-time-code" required autofocus />`}
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      <button class="main" disabled=${busy}>${t.go[purpose]}</button>
    </form>
  `;
}
