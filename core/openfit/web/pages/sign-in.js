// The only page that is open to everybody.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { ProblemNote } from "../parts/problem.js";
import { signIn } from "../session.js";
import { text } from "../text.js";

/** Asks the hub for one activity: a wrong token is found here, not on the next page. */
async function check(token, setProblem) {
  try {
    await api.tryToken(token);
    signIn(token);
  } catch (problem) {
    setProblem(problem);
  }
}

export function SignIn() {
  const [problem, setProblem] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    setProblem(null);
    check(new FormData(event.target).get("token").trim(), setProblem);
  };
  document.title = `${text.signIn.title} · ${text.name}`;
  return html`
    <main class="sign-in">
      <p class="brand">${text.name}</p>
      <h1>${text.signIn.title}</h1>
      <p>${text.signIn.lead}</p>
      <form onSubmit=${submit}>
        <label for="token">${text.signIn.label}</label>
        <input id="token" name="token" type="password" required autocomplete="current-password"
          aria-describedby="where" spellcheck="false" autofocus />
        ${problem && html`<${ProblemNote} problem=${problem} />`}
        <button class="main">${text.signIn.go}</button>
        <p id="where" class="hint">${text.signIn.where}</p>
      </form>
    </main>
  `;
}
