// The head of the three pages of training, and the way from one to another.

import { html } from "../html.js";
import { text as frame } from "../text.js";
import { text } from "../text-training.js";

const TABS = [
  ["load", "/training"],
  ["records", "/training/records"],
  ["thresholds", "/training/thresholds"],
];

export function TrainingHead({ here, title, children }) {
  const { tabs } = text.training;
  document.title = `${title} · ${frame.name}`;
  return html`
    <header class="page-head tight"><div><h1>${title}</h1>${children}</div></header>
    <nav class="tabs" aria-label=${tabs.label}>
      ${TABS.map(
        ([name, href]) =>
          html`<a href=${href} aria-current=${name === here ? "page" : undefined}>${tabs[name]}</a>`,
      )}
    </nav>
  `;
}
