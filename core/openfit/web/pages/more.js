// What has no place of its own in the navigation.

import { html } from "../html.js";
import { Icon } from "../icons.js";
import { Unread } from "../parts/bell.js";
import { ImportButtons } from "../parts/import-panel.js";
import { ThemeSwitch } from "../parts/nav.js";
import { People } from "../parts/people.js";
import { demo, signOut } from "../session.js";
import { go } from "../router.js";
import { helpOpen } from "../shortcuts.js";
import { text } from "../text.js";

const t = text.more;
const LINKS = [
  ["notices", "/notifications"],
  ["training", "/training"],
  ["records", "/training/records"],
  ["wellness", "/wellness"],
  ["journal", "/journal"],
  ["sources", "/sources"],
  ["devices", "/devices"],
  ["jobs", "/jobs"],
  ["settings", "/settings"],
];

export function More() {
  document.title = `${t.title} · ${text.name}`;
  return html`
    <header class="page-head"><div><h1>${t.title}</h1></div><${ImportButtons} /></header>
    <ul class="links-list">
      ${LINKS.map(
        ([name, href]) => html`<li>
          <a href=${href}>
            <${Icon} name=${name} />
            <span><strong>${text.nav[name]}${name === "notices" && html`<${Unread} />`}</strong><small>${t.about[name]}</small></span>
          </a>
        </li>`,
      )}
    </ul>
    <div class="more-foot">
      <${People} />
      <${ThemeSwitch} />
      <button class="quiet" onClick=${() => (helpOpen.value = true)}>${text.help.open}</button>
      ${!demo.value && html`<button onClick=${() => signOut().then(() => go("/"))}>${text.nav.signOut}</button>`}
    </div>
  `;
}
