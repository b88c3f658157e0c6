// The way through the pages: a rail on the left where there is room, a bar below where there is not.

import { html } from "../html.js";
import { Icon } from "../icons.js";
import { helpOpen } from "../shortcuts.js";
import { text } from "../text.js";
import { chooseTheme } from "../preferences.js";
import { THEMES, theme } from "../theme.js";
import { Bell, Unread } from "./bell.js";
import { People } from "./people.js";

const LINKS = [
  ["today", "/"],
  ["sleep", "/sleep"],
  ["activity", "/activities"],
  ["trends", "/metrics"],
  ["more", "/more"],
];

/** `at` is the part of the navigation that the page stands in, `here` its own address. */
export const Nav = ({ at, here }) => html`
  <nav class="rail" aria-label=${text.nav.label}>
    <div class="rail-head"><a class="brand" href="/">${text.name}</a><${Bell} here=${here} /></div>
    <ul>
      ${LINKS.map(
        ([name, href]) => html`<li>
          <a href=${href} aria-current=${name === at ? (href === here ? "page" : "true") : undefined}>
            <${Icon} name=${name} /><span>${text.nav[name]}</span>${name === "more" && html`<${Unread} />`}
          </a>
        </li>`,
      )}
    </ul>
    <div class="rail-foot">
      <${People} />
      <${ThemeSwitch} />
      <button class="quiet" onClick=${() => (helpOpen.value = true)}>
        <${Icon} name="keys" />${text.help.open}
      </button>
    </div>
  </nav>
`;

export const ThemeSwitch = () => html`
  <div class="switch" role="group" aria-label=${text.nav.theme.label}>
    ${THEMES.map(
      (name) => html`<button aria-pressed=${String(theme.value === name)} title=${text.nav.theme[name]}
        aria-label=${text.nav.theme[name]} onClick=${() => chooseTheme(name)}>
        <${Icon} name=${name} />
      </button>`,
    )}
  </div>
`;
