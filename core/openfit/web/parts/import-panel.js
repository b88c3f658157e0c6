// The way in for files, and the report of what became of each.

import { useRef } from "preact/hooks";
import { size } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { close, current, dragging, fromInput } from "../importing.js";
import { text } from "../text.js";
import { ProblemNote } from "./problem.js";

const MOST_SHOWN = 100;
const PENDING = new Set(["waiting", "sending", "queued", "reading"]);
const URGENCY = [
  "failed",
  "unsupported",
  "partial",
  "sending",
  "reading",
  "queued",
  "waiting",
  "imported",
  "duplicate",
];

export function ImportButtons() {
  const files = useRef();
  const folder = useRef();
  const chosen = (event) => fromInput(event.target);
  return html`
    <div class="buttons">
      <button class="main" onClick=${() => files.current.click()}>
        <${Icon} name="upload" />${text.importing.files}
      </button>
      <button onClick=${() => folder.current.click()}>
        <${Icon} name="folder" />${text.importing.folder}
      </button>
      <input ref=${files} class="import-files" type="file" multiple hidden onChange=${chosen} />
      <input ref=${folder} type="file" webkitdirectory hidden onChange=${chosen} />
    </div>
  `;
}

export const tally = (files) =>
  Object.entries(text.importing.counted)
    .map(([status, word]) => [files.filter((file) => file.status === status).length, word])
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(", ");

function sentence(files) {
  const unsent = files.filter((file) => ["waiting", "sending"].includes(file.status)).length;
  if (unsent) return text.importing.sending(files.length - unsent, files.length);
  const done = files.filter((file) => !PENDING.has(file.status)).length;
  if (done < files.length) return text.importing.reading(done, files.length);
  return `${text.importing.done}: ${tally(files)}.`;
}

/** Sending is the first half of the way, reading the second. */
const progress = (files) =>
  files.reduce((sum, file) => sum + (PENDING.has(file.status) ? file.sent / 2 : 1), 0) /
  files.length;

export function ImportPanel() {
  const shown = current.value;
  return html`
    ${dragging.value && html`<div class="drop-here"><p>${text.importing.drop}</p></div>`}
    ${shown && html`<${Panel} files=${shown.files} problem=${shown.problem} />`}
  `;
}

function Panel({ files, problem }) {
  const going = files.some((file) => PENDING.has(file.status));
  return html`
    <section class="panel import" aria-labelledby="import-title">
      <header>
        <h2 id="import-title">${text.importing.title}</h2>
        <p role="status">${files.length > 0 && sentence(files)}</p>
        ${
          !going &&
          html`<button class="quiet" aria-label=${text.importing.close} onClick=${close}>
          <${Icon} name="close" />
        </button>`
        }
      </header>
      ${going && html`<progress aria-label=${text.importing.title} value=${progress(files)} />`}
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      <${FileReports} files=${files} />
    </section>
  `;
}

/** What needs a look comes first; a long tail is summed up. */
export function FileReports({ files }) {
  const rank = (file) => URGENCY.indexOf(file.status);
  const sorted = [...files].sort((a, b) => rank(a) - rank(b));
  const rest = sorted.length - MOST_SHOWN;
  return html`
    <ul class="file-reports" tabindex="0" aria-label=${text.importing.title}>
      ${sorted
        .slice(0, MOST_SHOWN)
        .map((file) => html`<${FileReport} key=${file.key ?? file.number} file=${file} />`)}
    </ul>
    ${rest > 0 && html`<p class="hint">${text.importing.hidden(rest)}</p>`}
  `;
}

function FileReport({ file }) {
  return html`
    <li class="file-report ${file.status}">
      <span class="file-name">${file.name} <small>${size(file.size)}</small></span>
      <span class="file-state">${text.importing.fileStates[file.status]}</span>
      <div class="file-said">
        ${file.error && html`<p>${file.error.message} ${file.error.next_step}</p>`}
        ${file.status === "duplicate" && html`<p>${text.importing.duplicate}</p>`}
        ${
          file.status === "imported" &&
          !file.activities?.length &&
          html`<p>${text.importing.nothing}</p>`
        }
        <${Remarks} said=${file.warnings ?? []} />
        <${Opened} ids=${file.activities ?? []} />
      </div>
    </li>
  `;
}

function Remarks({ said }) {
  if (!said.length) return null;
  const list = html`<ul>${said.map((one) => html`<li>${one}</li>`)}</ul>`;
  if (said.length < 3) return list;
  return html`<details><summary>${text.importing.warnings(said.length)}</summary>${list}</details>`;
}

function Opened({ ids }) {
  if (!ids.length) return null;
  if (ids.length > 5) return html`<p>${text.importing.activities(ids.length)}</p>`;
  const name = (n) => (ids.length === 1 ? text.importing.open : text.importing.openNth(n + 1));
  return html`<p class="links">
    ${ids.map((id, n) => html`<a href="/activities/${encodeURIComponent(id)}">${name(n)}</a> `)}
  </p>`;
}
