// What measured: each device of each connection, since when, and when it was last heard of.

import * as api from "../api.js";
import { here, metricName, number, words } from "../format.js";
import { html } from "../html.js";
import { lazily } from "../lazy.js";
import { changes } from "../live.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { ProblemNote } from "../parts/problem.js";
import { viewed } from "../session.js";
import { part, text as page } from "../text.js";

const t = await part("devices");
const Ladders = lazily(() => import("../parts/ladder.js").then((it) => it.Ladders));
const MOST = 6; // metrics that are named without asking

export function Devices() {
  const { value, problem, again } = useLoaded(api.devices, [changes.value]);
  document.title = `${page.nav.devices} · ${page.name}`;
  const known = (value?.items ?? []).filter(({ type, metrics, records }) => type || metrics.length || Object.keys(records).length);
  return html`
    <header class="page-head">
      <div>
        <h1>${page.nav.devices}</h1>
        ${value && html`<p class="answer">${known.length ? t.answer(known.length) : t.none}</p>`}
      </div>
    </header>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && !known.length && html`<p><a class="button main" href="/sources">${page.nav.sources}</a></p>`}
    <ul class="cards">${known.map((one) => html`<${Device} key=${one.source_id} one=${one} />`)}</ul>
    ${value && !viewed.value && html`<${Ladders} devices=${value} />`}
  `;
}

function Device({ one }) {
  const names = one.metrics.map(({ metric, type, name }) => [metric ?? type, name]);
  const shown = names.slice(0, MOST);
  const told = [
    one.last_at && t.last(here(one.last_at)),
    one.battery !== null && t.battery(number(one.battery)),
    one.firmware && t.firmware(one.firmware),
  ].filter(Boolean);
  const label = given(one.label) || given(one.integration);
  const through = given(one.connection);
  return html`
    <li class="panel">
      <h2>${label}</h2>
      <p class="hint">${[one.type && words(one.type), through !== label && t.by(through)].filter(Boolean).join(" · ")}</p>
      ${one.message && html`<p>${one.message}</p>`}
      ${told.length > 0 && html`<p>${told.join(" · ")}</p>`}
      ${
        shown.length > 0 &&
        html`<p class="hint">${shown.map(([type, name], n) => html`${n > 0 && ", "}<a href="/metrics/${type}">${metricName(type, name)}</a>`)}${names.length > MOST && ` ${t.more(names.length - MOST)}`}</p>`
      }
    </li>
  `;
}
