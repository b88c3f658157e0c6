// What the hub is working on: imports, originals that are read again, history that is fetched,
// backups, deletions. Each with how far it is, and what can be done to it.

import { useRef } from "preact/hooks";
import * as account from "../account-api.js";
import { useAction } from "../action.js";
import * as api from "../api.js";
import { here, number, size, words } from "../format.js";
import { html } from "../html.js";
import { current, finishedImports, importFiles, moves } from "../importing.js";
import { progress } from "../live.js";
import { useLoaded, usePolled } from "../loading.js";
import { given } from "../naming.js";
import { FileReports, tally, timeLeft } from "../parts/import-panel.js";
import { Outcome } from "../parts/outcome.js";
import { ProblemNote } from "../parts/problem.js";
import { sheet } from "../sheet.js";
import { part, text as page } from "../text.js";
import { adopt, discard } from "../uploading.js";

const [t] = await Promise.all([part("jobs"), sheet("settings.css")]);
const IMPORTS = 20;
const underWay = ({ state }) => ["waiting", "running", "cancelling"].includes(state);

async function load() {
  const asked = [api.jobs(), api.imports({ limit: IMPORTS }), api.tasks(), api.uploads()];
  const [jobs, imports, tasks, uploads] = (await Promise.all(asked)).map(({ items }) => items);
  return { jobs, imports, tasks, uploads };
}

const running = ({ jobs, imports, tasks }) =>
  jobs.length + tasks.filter(underWay).length + imports.filter(moves).length;

export function Jobs() {
  const { value, problem, again } = useLoaded(load, [finishedImports.value, progress.value]);
  usePolled(value && running(value) > 0, again);
  document.title = `${page.nav.jobs} · ${page.name}`;
  return html`
    <header class="page-head">
      <div>
        <h1>${page.nav.jobs}</h1>
        ${value && html`<p class="answer" role="status">${t.answer(running(value))}</p>`}
      </div>
    </header>
    ${!value && !problem && html`<div class="bone" role="status" aria-label=${page.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && html`<${Now} ...${value} again=${again} /><${InPart} uploads=${value.uploads} again=${again} /><${Lately} imports=${value.imports} again=${again} /><${Ended} tasks=${value.tasks} again=${again} />`}
  `;
}

function Now({ jobs, imports, tasks, again }) {
  const waiting = tasks.filter(underWay);
  const going = imports.filter(moves);
  if (jobs.length + going.length + waiting.length === 0) return null;
  return html`
    <section aria-labelledby="now">
      <h2 id="now">${t.now}</h2>
      <ul class="lines">
        ${going.map((one) => html`<${ImportLine} key=${one.import_id} one=${one} again=${again} />`)}
        ${waiting.map((one) => html`<${TaskLine} key=${one.id} task=${one} again=${again} />`)}
        ${jobs.map((one) => html`<${JobLine} key=${one.connection_id + one.kind} job=${one} again=${again} />`)}
      </ul>
    </section>
  `;
}

function Bar({ name, done, total, said }) {
  return html`
    <progress aria-label=${name} aria-valuetext=${said} value=${total ? done / total : undefined}></progress>
    <p class="hint">${said}</p>
  `;
}

const written = (parts) => parts.filter(Boolean).join(" · ");

function ImportLine({ one, again }) {
  const [state, run] = useAction();
  const said = written([
    page.importing.counted_of(one.done, one.total),
    page.importing.size_of(size(one.size_done), size(one.size)),
    timeLeft(one),
  ]);
  return html`
    <li>
      <div>
        <strong>${t.import}</strong> <small>${here(one.received_at)}</small>
        <${Bar} name=${t.import} done=${one.size_done} total=${one.size} said=${one.state === "cancelling" ? page.importing.cancelling : said} />
        <${Outcome} state=${state} />
      </div>
      ${one.state === "running" && html`<button disabled=${state.busy} onClick=${() => run(() => api.cancelImport(one.import_id).then(again))}>${page.importing.cancel}</button>`}
    </li>
  `;
}

function TaskLine({ task, again }) {
  const [state, run] = useAction();
  const name = t.kinds[task.kind] ?? words(task.kind);
  const said = task.total ? page.importing.size_of(number(task.done), number(task.total)) : t.states[task.state];
  return html`
    <li>
      <div>
        <strong>${name}</strong> <small>${here(task.made_at)}</small>
        <${Bar} name=${name} done=${task.done} total=${task.total} said=${said} />
        <${Outcome} state=${state} />
      </div>
      ${task.state !== "cancelling" && html`<button disabled=${state.busy} aria-label=${`${t.cancel}: ${name}`} onClick=${() => run(() => api.cancelTask(task.id).then(again))}>${t.cancel}</button>`}
    </li>
  `;
}

function JobLine({ job, again }) {
  const [state, run] = useAction();
  const paused = job.state === "paused";
  const name = t.kinds[job.kind] ?? words(job.kind);
  const said = written([
    t.units[job.unit]?.(number(job.done), job.total) ?? `${number(job.done)} / ${number(job.total)}`,
    job.size != null && page.importing.size_of(size(job.size_done), size(job.size)),
    paused ? t.paused : timeLeft(job),
  ]);
  const turn = () => run(() => api.turnJob(job.connection_id, job.kind, paused ? "resume" : "pause").then(again));
  return html`
    <li>
      <div>
        <strong>${name}</strong> <small>${given(job.name)}</small>
        <${Bar} name=${name} done=${job.done} total=${job.total} said=${said} />
        <${Outcome} state=${state} />
      </div>
      <button disabled=${state.busy} aria-label=${`${paused ? t.resume : t.pause}: ${name}`} onClick=${turn}>${paused ? t.resume : t.pause}</button>
    </li>
  `;
}

/** Files of which a part is here: sent on, or thrown away. */
function InPart({ uploads, again }) {
  const sent = (current.value?.files ?? []).filter(({ status }) => status === "sending").map(({ name }) => name);
  const left = uploads.filter(({ name }) => !sent.includes(name));
  if (!left.length) return null;
  return html`
    <section aria-labelledby="in-part">
      <h2 id="in-part">${page.importing.unfinished}</h2>
      <p class="hint">${t.inPart}</p>
      <ul class="lines">${left.map((one) => html`<${PartLine} key=${one.upload_id} one=${one} again=${again} />`)}</ul>
    </section>
  `;
}

function PartLine({ one, again }) {
  const [state, run] = useAction();
  const input = useRef();
  const said = page.importing.size_of(size(one.offset), size(one.size));
  const chosen = ({ target }) =>
    run(() => {
      const [file] = target.files;
      target.value = "";
      if (file.size !== one.size) throw new Error(t.otherFile(one.name, size(one.size), size(file.size)));
      adopt(one, file);
      importFiles([{ file, name: one.name }]);
      setTimeout(again);
    });
  return html`
    <li>
      <div>
        <strong>${one.name}</strong>
        <${Bar} name=${one.name} done=${one.offset} total=${one.size} said=${said} />
        <${Outcome} state=${state} />
      </div>
      <p class="buttons">
        <button aria-label=${`${t.goOn}: ${one.name}`} disabled=${state.busy} onClick=${() => input.current.click()}>${t.goOn}</button>
        <button class="alarm" aria-label=${`${t.discard}: ${one.name}`} disabled=${state.busy} onClick=${() => run(() => discard(one).then(again))}>${t.discard}</button>
      </p>
      <input ref=${input} type="file" hidden onChange=${chosen} />
    </li>
  `;
}

function Lately({ imports, again }) {
  const over = imports.filter((one) => !moves(one));
  return html`
    <section aria-labelledby="lately">
      <h2 id="lately">${t.lately}</h2>
      ${over.length === 0 && html`<p class="hint">${t.nothing}</p>`}
      ${over.map((one) => html`<${Over} key=${one.import_id} one=${one} again=${again} />`)}
    </section>
  `;
}

function Over({ one, again }) {
  const [state, run] = useAction();
  const blocked = one.counts.blocked > 0;
  const said = one.state === "cancelled" ? page.importing.cancelled(one.cancelled) : `${t.files(one.total)}: ${tally(one.counts)}`;
  return html`
    <details class="panel">
      <summary><span>${here(one.received_at)}</span> <span class="hint">${written([said])}</span></summary>
      <${FileReports} files=${one.files} />
      ${blocked && html`<button disabled=${state.busy} onClick=${() => run(() => api.cancelImport(one.import_id).then(again))}>${page.importing.cancel}</button>`}
      ${one.state === "cancelled" && html`<button disabled=${state.busy} onClick=${() => run(() => api.resumeImport(one.import_id).then(again))}>${page.importing.resume}</button>`}
      <${Outcome} state=${state} />
    </details>
  `;
}

/** What came of a task: in this page's words where it has some, else in the hub's. */
function outcomeOf({ kind, state, outcome, message }) {
  if (state !== "done") return message;
  if (kind === "backup") return t.outcomes.backup(outcome.name, size(outcome.size));
  if (kind === "deletion") return t.outcomes.deletion(outcome.originals, outcome.originals_kept, outcome.remembered);
  return message;
}

const remembered = ({ kind, state, outcome }) => kind === "deletion" && state === "done" && outcome.remembered;

function EndedLine({ task, again }) {
  const [state, run] = useAction();
  const name = t.kinds[task.kind] ?? words(task.kind);
  const when = here(task.ended_at ?? task.made_at);
  const lift = () => run(() => account.lift(task.id), t.lifted(task.outcome.originals_kept)).then(again);
  return html`
    <li>
      <div>
        <strong>${name}</strong> <span class="tag">${t.states[task.state] ?? task.state}</span>
        <p class="hint">${written([when, outcomeOf(task)])}</p>
        <${Outcome} state=${state} />
      </div>
      ${remembered(task) && html`<button disabled=${state.busy} aria-label=${`${t.lift}: ${name}, ${when}`} onClick=${lift}>${t.lift}</button>`}
    </li>
  `;
}

/** Backups and deletions that came to an end. */
function Ended({ tasks, again }) {
  const over = tasks.filter((one) => !underWay(one));
  if (!over.length) return null;
  return html`
    <section aria-labelledby="ended">
      <h2 id="ended">${t.ended}</h2>
      <ul class="lines">
        ${over.map((one) => html`<${EndedLine} key=${one.id} task=${one} again=${again} />`)}
      </ul>
    </section>
  `;
}
