// The owner's announcement, on top of every page.

import { banner, dismiss } from "../banner.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { text } from "../text.js";

const t = text.banner;

export function Banner() {
  const said = banner();
  if (!said) return null;
  return html`
    <div class="banner ${said.level}" role="region" aria-label=${t.label}>
      <p>${said.message}</p>
      <button class="quiet" aria-label=${t.close} title=${t.close} onClick=${dismiss}><${Icon} name="close" /></button>
    </div>
  `;
}
