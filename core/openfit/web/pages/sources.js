// Where numbers come from: integrations, connections, imports, and what they brought.

import * as api from "../api.js";
import { useEffect, useState } from "preact/hooks";
import { ofConnection, ofIntegration } from "../acting.js";
import { filled, useAction } from "../action.js";
import { cameBack, connectable, severalTimes } from "../connecting.js";
import { here, metricName, MISSING, plainDay, unitName, words } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { changes, progress } from "../live.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { Actions } from "../parts/actions.js";
import { details, FileReports, ImportButtons, tally } from "../parts/import-panel.js";
import { ConnectForm } from "../parts/connect-form.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { Outcome } from "../parts/outcome.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { sheet } from "../sheet.js";
import { part, text } from "../text.js";
import { within } from "../text/language.js";

const t = text.sources;
const [connecting] = await Promise.all([part("connecting"), sheet("settings.css")]);
const IMPORTS = 20;

async function load() {
  const [integrations, imports, metrics, hub] = await Promise.all([
    api.integrations(),
    api.imports({ limit: IMPORTS }),
    api.metrics(),
    api.meta(),
  ]);
  return {
    integrations: integrations.items,
    filesOpen: integrations.files_open,
    layers: integrations.layers ?? [],
    imports: imports.items,
    metrics: metrics.items,
    hub,
  };
}

export function Sources({ id }) {
  const { value, problem, again } = useLoaded(load, [finishedImports.value, changes.value, progress.value]);
  document.title = `${t.title} · ${text.name}`;
  return html`
    <header class="page-head">
      <div>
        <h1>${t.title}</h1>
        ${
          value &&
          html`<p class="answer">${t.answer(value.integrations.length, value.metrics.length)}</p>`
        }
      </div>
      <${ImportButtons} />
    </header>
    ${id === "connected" && html`<${Returned} again=${again} />`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${text.loading}></div>`}
    ${value && html`<${Found} ...${value} again=${again} />`}
  `;
}

/** Back from a vendor's page: what it said is taken to the hub, once. */
function Returned({ again }) {
  const [back] = useState(cameBack);
  const [state, run] = useAction();
  const { message, next_step: nextStep, strange, strange_step: strangeStep } = connecting.refused;
  useEffect(() => {
    if (back.finish) run(() => back.finish().then(again), connecting.connected(given(back.name)));
  }, [back]);
  if (back.finish) return html`<${Outcome} state=${state} />`;
  const refused = back.name ? { message: message(given(back.name), back.refused), nextStep } : { message: strange, nextStep: strangeStep };
  return html`<${ProblemNote} problem=${refused} />`;
}

const Found = ({ integrations, filesOpen, layers, imports, metrics, hub, again }) => html`
  <section>
    <h2>${t.integrations}</h2>
    ${integrations.length === 0 && html`<p>${t.none}</p>`}
    ${filesOpen && html`<p class="note">${t.filesOpen}</p>`}
    <ul class="cards">
      ${integrations.map((one) => html`<${Integration} key=${one.id} one=${one} again=${again} />`)}
    </ul>
  </section>
  <section>
    <h2>${t.imports}</h2>
    ${imports.length === 0 && html`<p>${t.noImports}</p>`}
    ${imports.map((one) => html`<${Import} key=${one.import_id} one=${one} />`)}
  </section>
  <section>
    <h2>${t.metrics}</h2>
    ${metrics.length === 0 ? html`<p>${t.noMetrics}</p>` : html`<${Metrics} metrics=${metrics} />`}
  </section>
  <section>
    <h2>${t.hubTitle}</h2>
    ${layers.length > 0 && html`<p>${t.sealed}</p>`}
    <ul class="remarks">${layers.map(({ name, active }) => html`<li>${t.layers[name] ?? words(name)}: ${active ? t.stands : t.missing}</li>`)}</ul>
    <p class="hint">${t.hub(hub.version, hub.schema_version)}</p>
  </section>
`;

const METRIC = "metric:";
const kindName = (type) => {
  if (type === "metric:*") return t.anyMetric;
  if (type.startsWith(METRIC)) return within(metricName(type.slice(METRIC.length)));
  return t.kinds[type] ?? within(words(type));
};

function Integration({ one, again }) {
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState("");
  const modes = (one.sync_modes ?? []).map((mode) => t.modes[mode] ?? within(words(mode)));
  const about = [t.access[one.access] ?? words(one.access), ...modes].filter(Boolean).join(", ");
  const connections = one.connections ?? [];
  const made = ({ name }) => {
    setOpen(false);
    setDone(connecting.connected(given(name)));
    again();
  };
  const actions = one.actions ?? [];
  const unconnected = actions.filter(({ needs }) => needs === "nothing");
  const pairs = unconnected.some(({ name }) => name === "pair");
  const offered = connectable(one) && !pairs && (connections.length === 0 || severalTimes(one));
  const label = connections.length ? connecting.another : connecting.connect;
  const polled = one.sync_modes?.includes("poll");
  return html`
    <li class="panel">
      <h3>${given(one.name)}</h3>
      <p class="hint">${t.version(one.version)}${about && ` · ${about}`}</p>
      ${one.error && html`<${ProblemNote} problem=${{ message: t.broken, nextStep: one.error }} />`}
      ${
        one.data_types?.length > 0 &&
        html`<p>${t.brings(one.data_types.map(kindName).join(", "))}</p>`
      }
      ${one.bluetooth && html`<p class="hint">${t.bluetooth}</p>`}
      ${one.auth === "file_import" && html`<p class="hint">${connecting.byFiles}</p>`}
      ${connectable(one) && connections.length === 0 && html`<p>${t.noConnection}</p>`}
      ${connections.map(
        (each) => html`<${Connection} key=${each.connection_id} connection=${each} of=${one.name} polled=${polled} nights=${bySeconds(one)} again=${again}
          actions=${actions.filter(({ needs }) => needs === "connection")} renew=${connectable(one) ? () => setOpen(true) : null} />`,
      )}
      <${Actions} actions=${unconnected} whose=${ofIntegration(one.id)} name=${given(one.name)} again=${again} />
      ${offered && html`<p class="buttons"><button class=${connections.length ? "quiet" : "main"} aria-label=${`${label}: ${given(one.name)}`} onClick=${() => setOpen(true)}>${label}</button></p>`}
      <p class="hint" role="status">${done}</p>
      ${open && html`<${ConnectForm} one=${one} made=${made} onClose=${() => setOpen(false)} />`}
    </li>
  `;
}

/** What tells beats or each second may have a night to look at. */
const bySeconds = ({ data_types: types = [], sync_modes: modes = [] }) =>
  types.includes("metric:rr_interval") || (types.includes("metric:*") && modes.includes("push"));

const NEEDS_YOU = new Set(["failed", "reauth_required", "blocked"]);

const OVER = new Set(["reauth_required", "disconnected", "failed"]);

/** One connection of the integration that is named `of`. */
function Connection({ connection, of, polled, nights, actions, renew, again }) {
  const [state, run] = useAction();
  const { connection_id: id, status, message, next_sync_at: next } = connection;
  const name = given(connection.name);
  const [open, setOpen] = useState(null);
  const paused = status === "paused";
  const parted = status === "disconnected";
  const syncs = actions.some((one) => one.name === "sync"); // and says how far it is
  const rename = (event) => {
    const { name: wanted } = filled(event);
    setOpen(null);
    run(() => api.changeConnection(id, { name: wanted }).then(again));
  };
  const part = () => {
    setOpen(null);
    run(() => api.disconnect(id).then(again), t.disconnected);
  };
  const sync = () => run(() => api.syncNow(id).then(again), t.syncing);
  return html`
    <div class="connection">
      <p>
        ${name !== given(of) && html`<strong>${name}</strong> `}
        <span class="status ${NEEDS_YOU.has(status) ? "needs-you" : ""}">${t.status[status] ?? words(status)}</span>
      </p>
      ${message && html`<p>${message}</p>`}
      ${next && html`<p class="hint">${t.nextSync(here(next))}</p>`}
      ${nights && html`<p><a href="/night" aria-label=${`${t.lastNight}: ${name}`}>${t.lastNight}</a></p>`}
      ${
        polled &&
        html`<p class="buttons">
          ${renew && OVER.has(status) && html`<button class="main" aria-label=${`${connecting.again}: ${name}`} onClick=${renew}>${connecting.again}</button>`}
          ${!parted && !syncs && html`<button disabled=${state.busy} aria-label=${`${t.syncNow}: ${name}`} onClick=${sync}>${t.syncNow}</button>`}
          ${!parted && html`<button disabled=${state.busy} aria-label=${`${paused ? t.goOn : t.pause}: ${name}`}
            onClick=${() => run(() => api.changeConnection(id, { paused: !paused }).then(again), paused ? t.goesOn : t.pausedNow)}>${paused ? t.goOn : t.pause}</button>`}
          <button class="quiet" aria-label=${`${t.rename}: ${name}`} onClick=${() => setOpen("rename")}>${t.rename}</button>
          ${!parted && html`<button class="quiet" aria-label=${`${t.disconnect}: ${name}`} onClick=${() => setOpen("disconnect")}>${t.disconnect}</button>`}
        </p>`
      }
      ${!parted && html`<${Actions} actions=${actions} whose=${ofConnection(id)} name=${name} watch=${`/live/${encodeURIComponent(id)}`} again=${again} />`}
      ${open === "rename" && html`<${Dialog} title=${t.rename} onClose=${() => setOpen(null)}>
        <form onSubmit=${rename}><${Field} label=${t.newName} name="name" defaultValue=${connection.name} maxlength="200" required />
          <p class="buttons"><button class="main">${text.edit.save}</button><button type="button" onClick=${() => setOpen(null)}>${text.edit.cancel}</button></p></form><//>`}
      ${open === "disconnect" && html`<${Dialog} title=${t.disconnectTitle(name)} onClose=${() => setOpen(null)}>
        <p>${t.disconnectText}</p>
        <p class="buttons"><button class="alarm" onClick=${part}>${t.disconnect}</button><button onClick=${() => setOpen(null)}>${text.edit.cancel}</button></p><//>`}
      <${Outcome} state=${state} />
    </div>
  `;
}

const Import = ({ one }) => html`
  <details class="panel">
    <summary>
      <span>${here(one.received_at)}</span>
      <span class="hint">${importSentence(one)}</span>
    </summary>
    <${FileReports} files=${one.files} />
  </details>
`;

function importSentence(report) {
  const { counts, state, total, cancelled } = report;
  if (state === "running") return details(report);
  if (state === "cancelling") return text.importing.cancelling;
  if (state === "cancelled") return text.importing.cancelled(cancelled);
  return `${t.importFiles(total)}: ${tally(counts)}`;
}

function Metrics({ metrics }) {
  const shownDay = (given) => (given ? plainDay(given) : MISSING);
  const rows = metrics.map((one) => [
    html`<a href="/metrics/${one.type}">${metricName(one.type, one.name)}</a>`,
    unitName(one.unit),
    one.sources,
    shownDay(one.first_day),
    shownDay(one.last_day),
  ]);
  return html`<${Table} head=${t.metricsHead} rows=${rows} label=${t.metrics} numeric=${[2]} />`;
}
