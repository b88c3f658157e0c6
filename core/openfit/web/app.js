// The page's frame: who is signed in, where one is, and the page that belongs there.

import { Component, render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as api from "./api.js";
import { askBanner, followBanner } from "./banner.js";
import { html } from "./html.js";
import { takeUp, watchDrops } from "./importing.js";
import { lazily } from "./lazy.js";
import { followLive } from "./live.js";
import { followNotices } from "./notices.js";
import { installOffline } from "./offline.js";
import { PAGES } from "./pages.js";
import { AddSheet } from "./parts/add.js";
import { Banner } from "./parts/banner.js";
import { Help } from "./parts/help.js";
import { ImportPanel } from "./parts/import-panel.js";
import { Nav } from "./parts/nav.js";
import { OfflineLine } from "./parts/offline-line.js";
import { OthersData } from "./parts/people.js";
import { ProblemNote } from "./parts/problem.js";
import { home } from "./plain-http.js";
import { followPreferences } from "./preferences.js";
import { followLinks, go, path, route } from "./router.js";
import { demo, resume, signedIn, signIn, takeTokenFromAddress } from "./session.js";
import { watchKeys } from "./shortcuts.js";
import { text } from "./text.js";

const SignIn = lazily(() => import("./pages/sign-in.js").then((it) => it.SignIn));
const Register = lazily(() => import("./pages/register.js").then((it) => it.Register));
const Setup = lazily(() => import("./pages/setup.js").then((it) => it.Setup));

function Missing() {
  document.title = `${text.missing.title} · ${text.name}`;
  return html`
    <h1 tabindex="-1">${text.missing.title}</h1>
    <p class="answer">${text.missing.lead}</p>
    <p class="buttons"><a class="button main" href="/">${text.missing.step}</a></p>
  `;
}

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
  const { page, part, id } = route(path.value);
  const Page = PAGES[page] ?? Missing;
  const main = useRef();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current.focus({ preventScroll: true });
    first.current = false;
  }, [path.value]);
  useEffect(() => {
    takeUp().catch(() => {}); // the page itself says when the hub cannot be reached
    if (!demo.value) followPreferences().catch(() => {}); // else as this browser remembers
    return followNotices();
  }, []);
  return html`
    <a class="skip" href="#main">${text.nav.skip}</a>
    <${Nav} at=${part} here=${path.value} />
    <main id="main" tabindex="-1" ref=${main}>
      <${Banner} />
      ${demo.value && html`<p class="demo">${text.nav.demo}</p>`}
      <${OthersData} />
      <${OfflineLine} />
      <${ImportPanel} />
      <${Fence} key=${path.value}><${Page} id=${id} /><//>
    </main>
    <${AddSheet} />
    <${Help} />
  `;
}

/** Where only somebody is who has not come in; a refused sign-in service sends one there all the same. */
const OUTSIDE = new Set(["/sign-in", "/register"]);

function App() {
  if (path.value === "/setup") return html`<${Setup} />`;
  if (!signedIn.value) return path.value === "/register" ? html`<${Register} />` : html`<${SignIn} />`;
  if (OUTSIDE.has(path.value)) go(/^#problem=/.test(location.hash) ? `/settings/security${location.hash}` : "/");
  return html`<${Frame} />`;
}

async function start() {
  takeTokenFromAddress();
  addEventListener("hashchange", takeTokenFromAddress);
  const [hub] = await Promise.all([api.meta().catch(() => ({})), askBanner()]);
  home.value = hub.url ?? null;
  demo.value = hub.demo === true;
  if (demo.value && hub.token) signIn(hub.token);
  await resume();
  const root = document.getElementById("app");
  followLinks(root);
  watchDrops();
  watchKeys();
  render(html`<${App} />`, root);
  installOffline();
  followLive();
  followBanner();
}

start();
