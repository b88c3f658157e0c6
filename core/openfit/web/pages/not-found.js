import { html } from "../html.js";
import { text } from "../text.js";

export const NotFound = () => html`
  <section class="empty">
    <h1 tabindex="-1">${text.notFound.title}</h1>
    <p>${text.notFound.step}</p>
    <a class="button" href="/">${text.notFound.link}</a>
  </section>
`;
