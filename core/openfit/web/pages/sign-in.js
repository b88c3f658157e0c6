// The door: the printed link opens it by itself, else the token is pasted here.

import { useSignal } from "@preact/signals";

import { html } from "../html.js";
import { refusal, signIn } from "../session.js";
import { text } from "../text.js";

export function SignIn() {
  const value = useSignal("");
  const fault = useSignal(null);
  const submit = (event) => {
    event.preventDefault();
    const token = value.value.trim();
    if (token) signIn(token);
    else fault.value = text.signIn.empty;
  };
  const said = fault.value ?? refusal.value;
  return html`
    <main class="sign-in" id="content">
      <p class="wordmark">${text.name}</p>
      <h1 tabindex="-1">${text.signIn.title}</h1>
      <p>${text.signIn.why}</p>
      <form onSubmit=${submit}>
        <label for="token">${text.signIn.label}</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck=${false}
          aria-describedby="token-hint"
          aria-invalid=${said ? "true" : undefined}
          value=${value.value}
          onInput=${(event) => (value.value = event.target.value)}
        />
        ${said && html`<p class="fault" role="alert">${said}</p>`}
        <p class="quiet" id="token-hint">${text.signIn.hint}</p>
        <button type="submit" class="primary">${text.signIn.submit}</button>
      </form>
    </main>
  `;
}
