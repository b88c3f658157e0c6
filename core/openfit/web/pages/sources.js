// Where numbers come from: integrations, connections, imports, and what they brought.

import * as api from "../api.js";
import { useState } from "preact/hooks";
import { filled, useAction } from "../action.js";
import { here, metricName, MISSING, plainDay, unitName, words } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { changes, progress } from "../live.js";
import { useLoaded } from "../loading.js";
import { details, FileReports, ImportButtons, tally } from "../parts/import-panel.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { Outcome } from "../parts/outcome.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { text } from "../text.js";
import { within } from "../text/language.js";

const t = text.sources;
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

export function Sources() {
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
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${text.loading}></div>`}
    ${value && html`<${Found} ...${value} again=${again} />`}
  `;
}

const Found = ({ integrations, filesOpen, layers, imports, metrics, hub, again }) => html`
  <section>
    <h2>${t.integrations}</h2>
    ${integrations.length === 0 && html`<p>${t.none}</p>`}
    ${filesOpen && html`<p class="note">${t.filesOpen}</p>`}
    ${layers.length > 0 && html`<p class="hint">${t.sealed}: ${layers.map(({ name, active }) => `${t.layers[name] ?? name} ${active ? t.stands : t.missing}`).join(" · ")}</p>`}
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
  <p class="hint">${t.hub(hub.version, hub.schema_version)}</p>
`;

const METRIC = "metric:";
const kindName = (type) => {
  if (type === "metric:*") return t.anyMetric;
  if (type.startsWith(METRIC)) return within(metricName(type.slice(METRIC.length)));
  return t.kinds[type] ?? within(words(type));
};

function Integration({ one, again }) {
  const modes = (one.sync_modes ?? []).map((mode) => t.modes[mode] ?? within(words(mode)));
  const about = [t.access[one.access] ?? words(one.access), ...modes].filter(Boolean).join(", ");
  return html`
    <li class="panel">
      <h3>${one.name}</h3>
      <p class="hint">${t.version(one.version)}${about && ` · ${about}`}</p>
      ${one.error && html`<${ProblemNote} problem=${{ message: t.broken, nextStep: one.error }} />`}
      ${
        one.data_types?.length > 0 &&
        html`<p>${t.brings(one.data_types.map(kindName).join(", "))}</p>`
      }
      ${one.data_types?.length > 0 && (one.connections ?? []).length === 0 && html`<p>${t.noConnection}</p>`}
      ${(one.connections ?? []).map((each) => html`<${Connection} key=${each.connection_id} connection=${each} polled=${one.sync_modes?.includes("poll")} again=${again} />`)}
    </li>
  `;
}

const NEEDS_YOU = new Set(["failed", "reauth_required", "blocked"]);

function Connection({ connection, polled, again }) {
  const [state, run] = useAction();
  const { connection_id: id, status, message, next_sync_at: next, name } = connection;
  const own = name !== connection.integration;
  const [open, setOpen] = useState(null);
  const paused = status === "paused";
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
        ${own && html`<strong>${name}</strong> `}
        <span class="status ${NEEDS_YOU.has(status) ? "needs-you" : ""}">${t.status[status] ?? words(status)}</span>
      </p>
      ${message && html`<p>${message}</p>`}
      ${next && html`<p class="hint">${t.nextSync(here(next))}</p>`}
      ${
        polled &&
        html`<p class="buttons">
          <button disabled=${state.busy} aria-label=${`${t.syncNow}: ${name}`} onClick=${sync}>${t.syncNow}</button>
          <button disabled=${state.busy} aria-label=${`${paused ? t.goOn : t.pause}: ${name}`}
            onClick=${() => run(() => api.changeConnection(id, { paused: !paused }).then(again))}>${paused ? t.goOn : t.pause}</button>
          <button class="quiet" aria-label=${`${t.rename}: ${name}`} onClick=${() => setOpen("rename")}>${t.rename}</button>
          <button class="quiet" aria-label=${`${t.disconnect}: ${name}`} onClick=${() => setOpen("disconnect")}>${t.disconnect}</button>
        </p>`
      }
      ${open === "rename" && html`<${Dialog} title=${t.rename} onClose=${() => setOpen(null)}>
        <form onSubmit=${rename}><${Field} label=${t.newName} name="name" defaultValue=${name} maxlength="200" required />
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
