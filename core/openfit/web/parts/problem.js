// What went wrong, and the next step.

import { html } from "../html.js";
import { text } from "../text.js";

export const ProblemNote = ({ problem, again }) => html`
  <div class="problem" role="alert">
    <p><strong>${problem.message}</strong></p>
    ${problem.nextStep && html`<p>${problem.nextStep}</p>`}
    ${again && html`<button onClick=${again}>${text.problem.again}</button>`}
  </div>
`;
