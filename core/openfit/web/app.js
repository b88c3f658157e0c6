// The page's frame: who is signed in, where one is, and the page that belongs there.

import { Component, render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as api from "./api.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";
import { takeUp, watchDrops } from "./importing.js";
import { lazily } from "./lazy.js";
import { Activities } from "./pages/activities.js";
import { Activity } from "./pages/activity.js";
import { SignIn } from "./pages/sign-in.js";
import { Sources } from "./pages/sources.js";
import { ImportPanel } from "./parts/import-panel.js";
import { ProblemNote } from "./parts/problem.js";
import { followLinks, go, path, route } from "./router.js";
import { demo, signIn, signOut, takeTokenFromAddress, token } from "./session.js";
import { text } from "./text.js";
import { THEMES, theme } from "./theme.js";

const LINKS = [
  { page: "activities", href: "/", name: text.nav.activities },
  { page: "training", href: "/training", name: text.nav.training },
  { page: "sources", href: "/sources", name: text.nav.sources },
];

const PARENTS = { activity: "activities", records: "training", thresholds: "training" };

function Nav({ page }) {
  const here = PARENTS[page] ?? page;
  return html`
    <nav class="rail" aria-label=${text.nav.label}>
      <a class="brand" href="/">${text.name}</a>
      <ul>
        ${LINKS.map(
          (link) => html`<li>
            <a href=${link.href} aria-current=${link.page === here ? "page" : undefined}>
              <${Icon} name=${link.page} /><span>${link.name}</span>
            </a>
          </li>`,
        )}
      </ul>
    </nav>
  `;
}

function Settings() {
  return html`
    <footer class="settings">
      <label>
        ${text.nav.theme.label}
        <select value=${theme.value} onChange=${(event) => (theme.value = event.target.value)}>
          ${THEMES.map((name) => html`<option value=${name}>${text.nav.theme[name]}</option>`)}
        </select>
      </label>
      ${!demo.value && html`<button class="quiet" onClick=${signOut}>${text.nav.signOut}</button>`}
    </footer>
  `;
}

const Missing = () => html`
  <h1 tabindex="-1">${text.missing.title}</h1>
  <p><a href="/">${text.missing.step}</a></p>
`;

const PAGES = {
  activities: Activities,
  activity: Activity,
  training: lazily(() => import("./pages/training.js").then((it) => it.Training)),
  records: lazily(() => import("./pages/records.js").then((it) => it.Records)),
  thresholds: lazily(() => import("./pages/thresholds.js").then((it) => it.Thresholds)),
  sources: Sources,
  missing: Missing,
};

/** A fault in one page leaves the frame standing, and says so. */
class Fence extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<${ProblemNote} problem=${{ message: text.problem.page, nextStep: text.problem.pageStep }} />`;
  }
}

function Frame() {
  const { page, id } = route(path.value);
  const Page = PAGES[page] ?? Activities;
  const main = useRef();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current.focus({ preventScroll: true });
    first.current = false;
  }, [path.value]);
  useEffect(() => {
    takeUp().catch(() => {}); // the page itself says when the hub cannot be reached
  }, []);
  return html`
    <a class="skip" href="#main">${text.nav.skip}</a>
    <${Nav} page=${page} />
    <main id="main" tabindex="-1" ref=${main}>
      ${demo.value && html`<p class="demo">${text.nav.demo}</p>`}
      <${ImportPanel} />
      <${Fence} key=${path.value}><${Page} id=${id} /><//>
      <${Settings} />
    </main>
  `;
}

function App() {
  if (!token.value) return html`<${SignIn} />`;
  if (path.value === "/sign-in") go("/");
  return html`<${Frame} />`;
}

async function start() {
  takeTokenFromAddress();
  addEventListener("hashchange", takeTokenFromAddress);
  const hub = await api.meta().catch(() => ({}));
  demo.value = hub.demo === true;
  if (demo.value && hub.token) signIn(hub.token);
  const root = document.getElementById("app");
  followLinks(root);
  watchDrops();
  render(html`<${App} />`, root);
}

start();
