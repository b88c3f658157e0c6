// All keys of the page, on "?".

import { html } from "../html.js";
import { GOES, helpOpen, shortcuts, switchShortcuts } from "../shortcuts.js";
import { text } from "../text.js";
import { Dialog } from "./dialog.js";

const t = text.help;

const Keys = ({ keys, what }) => html`
  <div><dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd></div>
`;

export function Help() {
  if (!helpOpen.value) return null;
  const close = () => (helpOpen.value = false);
  return html`
    <${Dialog} title=${t.title} onClose=${close}>
      <dl class="keys">
        ${Object.entries(GOES).map(([key, [, page]]) => html`<${Keys} keys=${["g", key]} what=${text.nav[page]} />`)}
        ${t.others.map(({ keys, what }) => html`<${Keys} keys=${keys} what=${what} />`)}
      </dl>
      <label class="check">
        <input type="checkbox" checked=${shortcuts.value}
          onChange=${(event) => switchShortcuts(event.target.checked)} />
        ${t.switch}
      </label>
      <p class="buttons"><button class="main" onClick=${close}>${t.close}</button></p>
    <//>
  `;
}
