// What became of what was asked for.

import { html } from "../html.js";
import { ProblemNote } from "./problem.js";

export const Outcome = ({ state }) => html`
  ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
  <p class="hint" role="status">${state.done}</p>
`;
