// The shell: which page, the rail, the import panel, and what happens on every change of page.

import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { effect, signal } from "@preact/signals";

import * as api from "./api.js";
import * as dropping from "./dropping.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";
import * as outings from "./outings.js";
import { Choice } from "./parts/basics.js";
import { ImportPanel } from "./parts/import-panel.js";
import { Activities } from "./pages/activities.js";
import { NotFound } from "./pages/not-found.js";
import { SignIn } from "./pages/sign-in.js";
import * as router from "./router.js";
import * as session from "./session.js";
import { text } from "./text.js";
import { choose, theme, THEMES } from "./theme.js";

const meta = signal(null);

// The heavier pages come when they are first asked for, so that the first view stays light.
const ROUTES = [
  [/^\/(?:activities)?$/, "activities", () => Activities],
  [/^\/activities\/([^/]+)$/, "activities", async () => (await import("./pages/activity.js")).One],
  [/^\/sources$/, "sources", async () => (await import("./pages/sources.js")).Sources],
];

function matched(path) {
  for (const [pattern, section, load] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return { section, load, parameter: found[1] };
  }
  return { section: null, load: () => NotFound };
}

const page = signal({ Page: null });

effect(() => {
  const route = matched(router.path.value);
  const path = router.path.value;
  const show = (Page) => {
    if (router.path.peek() === path) page.value = { Page, path, ...route };
  };
  const loaded = route.load();
  if (loaded instanceof Promise) loaded.then(show);
  else show(loaded);
});

const NAVIGATION = [
  ["activities", "/", "list"],
  ["sources", "/sources", "sources"],
];

const Navigation = ({ section }) => html`
  <nav class="rail" aria-label=${text.nav.label}>
    <a class="wordmark" href="/">${text.name}</a>
    <ul>
      ${NAVIGATION.map(
        ([name, href, icon]) => html`
          <li key=${name}>
            <a href=${href} aria-current=${section === name ? "page" : undefined}>
              <${Icon} name=${icon} />${text.nav[name]}
            </a>
          </li>
        `,
      )}
    </ul>
    <div class="foot"><${ThemeChoice} name="rail-theme" /></div>
  </nav>
`;

export const ThemeChoice = ({ name }) => html`
  <${Choice}
    label=${text.theme.label}
    name=${name}
    options=${THEMES.map((one) => [one, text.theme[one]])}
    value=${theme.value}
    onChange=${choose}
  />
`;

function Shell() {
  const main = useRef();
  const { Page, path, section, parameter } = page.value;
  useEffect(() => arrive(main.current), [path]);
  if (!session.token.value) return html`<${SignIn} />`;
  return html`
    <a class="skip" href="#content" onClick=${() => main.current.focus()}>${text.skip}</a>
    <${Navigation} section=${section} />
    <main id="content" tabindex="-1" ref=${main}>
      ${meta.value?.demo && html`<p class="demo">${text.demo}</p>`}
      ${Page && html`<${Page} key=${path} id=${parameter} meta=${meta.value} />`}
    </main>
    <${ImportPanel} />
    ${dropping.hovering.value && html`<div class="drop-hint" aria-hidden="true">${text.import.drop}</div>`}
  `;
}

let arrivals = 0;

// After a change of page the focus goes to its heading, so that a screen reader reads on there.
function arrive(main) {
  const heading = main?.querySelector("h1");
  if (!heading) return;
  document.title = `${heading.textContent} · ${text.name}`;
  if (arrivals++) heading.focus({ preventScroll: true });
}

async function begin() {
  session.takeFromAddress();
  router.start();
  dropping.start();
  effect(() => {
    if (!session.token.value) outings.forget();
  });
  meta.value = await api.getMeta().catch(() => null);
  if (!session.token.value && meta.value?.token) session.signIn(meta.value.token);
  render(html`<${Shell} />`, document.getElementById("app"));
}

begin();
