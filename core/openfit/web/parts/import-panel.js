// The way in for files, and the report of what became of each.

import { useRef } from "preact/hooks";
import { size } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { cancel, close, current, dragging, fromInput, resume } from "../importing.js";
import { path } from "../router.js";
import { text } from "../text.js";
import { count } from "../text/plural.js";
import { forgetUpload, unfinished } from "../uploading.js";
import { ProblemNote } from "./problem.js";

const MOST_SHOWN = 100;
const MOST_OPEN = 12; // more of them would push the page away
const QUARTER = 25; // per cent: so often a screen reader hears of progress
const PENDING = new Set(["waiting", "sending", "queued", "reading"]);
const URGENCY = [
  "failed",
  "blocked",
  "unsupported",
  "blocked",
  "partial",
  "sending",
  "reading",
  "queued",
  "waiting",
  "cancelled",
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

/** "100 imported, 17 already here" of {imported: 100, duplicate: 17}. */
export const tally = (counts) =>
  Object.entries(text.importing.counted)
    .filter(([status]) => counts[status] > 0)
    .map(([status, word]) => `${count(counts[status])} ${word}`)
    .join(", ");

const countsOf = (files) => {
  const counts = {};
  for (const { status } of files) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const going = (files) => files.some((file) => PENDING.has(file.status));

/** Said aloud as it changes, so it changes seldom. */
function sentence(files, report) {
  const unsent = files.filter((file) => ["waiting", "sending"].includes(file.status)).length;
  if (unsent) return text.importing.sending(files.length - unsent, files.length);
  if (report?.state === "cancelling") return text.importing.cancelling;
  if (going(files)) {
    const percent = Math.floor((progress(files, report) * 100) / QUARTER) * QUARTER;
    return text.importing.quarters(percent);
  }
  const blocked = files.filter(({ status }) => status === "blocked").length;
  if (blocked) return `${text.importing.blocked(blocked)}.`;
  const aside = files.filter(({ status }) => status === "cancelled").length;
  if (aside) return `${text.importing.cancelled(aside)}.`;
  return `${text.importing.done}: ${tally(countsOf(files))}.`;
}

const unsent = (files) => files.some(({ status }) => status === "waiting" || status === "sending");

/** Of bytes read; while files are being sent, of files sent. */
const progress = (files, report) => {
  if (unsent(files)) return files.reduce((sum, { sent }) => sum + sent, 0) / files.length;
  return report?.size ? report.size_done / report.size : 0;
};

export function timeLeft({ remaining_seconds: seconds, remaining_reason: reason }) {
  const { left } = text.importing;
  if (seconds == null) return left[reason] ?? "";
  if (seconds < 60) return left.seconds;
  if (seconds < 5400) return left.minutes(Math.round(seconds / 60));
  return left.hours(Math.round(seconds / 3600));
}

/** Counts, sizes, pace and the time that is left, in words. */
export function details(report) {
  const { importing: t } = text;
  const pace = report.bytes_per_second && `${size(report.bytes_per_second)}/s`;
  return [
    t.counted_of(report.done, report.total),
    report.members > report.total && t.members(report.members),
    t.size_of(size(report.size_done), size(report.size)),
    pace,
    timeLeft(report),
  ]
    .filter(Boolean)
    .join(" · ");
}

export function ImportPanel() {
  const shown = current.value;
  return html`
    ${dragging.value && html`<div class="drop-here"><p>${text.importing.drop}</p></div>`}
    ${shown && html`<${Panel} ...${shown} />`}
    ${!shown && path.value !== "/jobs" && html`<${Unfinished} />`}
  `;
}

/** What a closed page did not send to its end. */
function Unfinished() {
  const files = Object.entries(unfinished.value);
  if (!files.length) return null;
  return html`
    <section class="panel import" aria-labelledby="unfinished">
      <h2 id="unfinished">${text.importing.unfinished}</h2>
      <ul class="file-reports">
        ${files.map(
          ([key, { name, size: bytes, sent }]) => html`<li class="file-report" key=${key}>
            <span class="file-name">${name} <small>${text.importing.size_of(size(sent), size(bytes))}</small></span>
            <button class="quiet" aria-label=${`${text.importing.forget}: ${name}`} onClick=${() => forgetUpload(key)}>${text.importing.forget}</button>
          </li>`,
        )}
      </ul>
      <p class="hint">${text.importing.goOn}</p>
      <${ImportButtons} />
    </section>
  `;
}

function Panel({ files, report, problem }) {
  const busy = going(files) || report?.state === "cancelling";
  const told = report && !unsent(files) ? details(report) : null;
  const share = progress(files, report);
  return html`
    <section class="panel import" aria-labelledby="import-title">
      <header>
        <h2 id="import-title">${text.importing.title}</h2>
        <p role="status">${files.length > 0 && sentence(files, report)}</p>
        ${busy && html`<button onClick=${cancel}>${text.importing.cancel}</button>`}
        ${
          report?.state === "cancelled" &&
          html`<button onClick=${resume}>${text.importing.resume}</button>`
        }
        ${
          !busy &&
          html`<button class="quiet" aria-label=${text.importing.close} onClick=${close}>
          <${Icon} name="close" />
        </button>`
        }
      </header>
      ${
        busy &&
        files.length > 0 &&
        html`<progress
          aria-label=${text.importing.title}
          aria-valuetext=${told}
          value=${share}
        />`
      }
      ${busy && told && html`<p class="hint">${told}</p>`}
      ${report?.state === "cancelled" && html`<p class="hint">${text.importing.kept}</p>`}
      ${!busy && Object.keys(unfinished.value).length > 0 && html`<p class="hint">${text.importing.sentInPart}</p>`}
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      ${
        files.length > MOST_OPEN
          ? html`<details><summary>${text.importing.each(files.length)}</summary><${FileReports} files=${files} /></details>`
          : html`<${FileReports} files=${files} />`
      }
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
