// Where numbers come from: integrations, connections, imports, and what they brought.

import * as api from "../api.js";
import { day, here, MISSING, unitName, words } from "../format.js";
import { html } from "../html.js";
import { finishedImports } from "../importing.js";
import { useLoaded } from "../loading.js";
import { details, FileReports, ImportButtons, tally } from "../parts/import-panel.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { text } from "../text.js";

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
    imports: imports.items,
    metrics: metrics.items,
    hub,
  };
}

export function Sources() {
  const { value, problem, again } = useLoaded(load, [finishedImports.value]);
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
    ${value && html`<${Found} ...${value} />`}
  `;
}

const Found = ({ integrations, filesOpen, imports, metrics, hub }) => html`
  <section>
    <h2>${t.integrations}</h2>
    ${integrations.length === 0 && html`<p>${t.none}</p>`}
    ${filesOpen && html`<p>${t.filesOpen}</p>`}
    <ul class="cards">
      ${integrations.map((one) => html`<${Integration} key=${one.id} one=${one} />`)}
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

const kindName = (type) => (type === "metric:*" ? t.anyMetric : words(type).toLowerCase());

function Integration({ one }) {
  const modes = (one.sync_modes ?? []).map((mode) => t.modes[mode] ?? words(mode).toLowerCase());
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
      ${(one.connections ?? []).length === 0 && html`<p>${t.noConnection}</p>`}
      ${(one.connections ?? []).map((each) => html`<${Connection} connection=${each} />`)}
    </li>
  `;
}

function Connection({ connection }) {
  const said = connection.message ?? t.status[connection.status] ?? words(connection.status);
  const next = connection.next_sync_at ? t.nextSync(here(connection.next_sync_at)) : "";
  const own = connection.name !== connection.integration;
  return html`<p>${own && html`<strong>${connection.name}</strong> `}${said} ${next}</p>`;
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
  const { files, state, total, cancelled } = report;
  if (state === "running") return details(report);
  if (state === "cancelling") return text.importing.cancelling;
  if (state === "cancelled") return text.importing.cancelled(cancelled);
  return `${t.importFiles(total)}: ${tally(files)}`;
}

function Metrics({ metrics }) {
  const shownDay = (given) => (given ? day(given) : MISSING);
  const rows = metrics.map((one) => [
    words(one.name),
    unitName(one.unit),
    one.sources,
    shownDay(one.first_day),
    shownDay(one.last_day),
  ]);
  return html`<${Table} head=${t.metricsHead} rows=${rows} label=${t.metrics} numeric=${[2]} />`;
}
