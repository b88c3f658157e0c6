// Settings: one part at a time, so that each is short.

import { html } from "../html.js";
import { lazily } from "../lazy.js";
import { go } from "../router.js";
import { demo, signOut, user } from "../session.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";

const [t] = await Promise.all([part("settings"), sheet("settings.css")]);

const PARTS = {
  display: lazily(() => import("../parts/settings/display.js").then((it) => it.Display)),
  account: lazily(() => import("../parts/settings/account.js").then((it) => it.Account)),
  security: lazily(() => import("../parts/settings/security.js").then((it) => it.Security)),
  keys: lazily(() => import("../parts/settings/keys.js").then((it) => it.Keys)),
  sharing: lazily(() => import("../parts/settings/sharing.js").then((it) => it.Sharing)),
  household: lazily(() => import("../parts/settings/household.js").then((it) => it.Household)),
  profile: lazily(() => import("./thresholds.js").then((it) => it.Profile)),
  data: lazily(() => import("../parts/settings/own-data.js").then((it) => it.OwnData)),
};

export function Settings({ id = "display" }) {
  const Part = PARTS[id];
  const label = (name) => t.parts[name] ?? t.thresholds;
  document.title = `${Part ? label(id) : t.title} · ${page.name}`;
  const shown = Object.keys(PARTS).filter((name) => name !== "household" || user.value?.role !== "member");
  return html`
    <header class="page-head tight">
      <div><h1>${t.title}</h1><p class="hint">${t.lead}</p></div>
      ${!demo.value && html`<button onClick=${() => signOut().then(() => go("/"))}>${page.nav.signOut}</button>`}
    </header>
    <nav class="tabs" aria-label=${t.title}>
      ${shown.map(
        (name) => html`<a href=${name === "display" ? "/settings" : `/settings/${name}`}
          aria-current=${name === id ? "page" : undefined}>${label(name)}</a>`,
      )}
    </nav>
    ${
      Part
        ? html`<div class="settings"><${Part} /></div>`
        : html`<p class="answer">${page.missing.title}</p><p><a href="/settings">${t.title}</a></p>`
    }
  `;
}
