// The panel that says how an import goes, file by file, those that need attention first.

import { html, classes } from "../html.js";
import { bytes } from "../format.js";
import { Icon } from "../icons.js";
import * as importing from "../importing.js";
import { takeChosen } from "../dropping.js";
import { text } from "../text.js";

const LINES = 60;
const ORDER = ["failed", "unsupported", "partial", "sending", "reading", "queued", "waiting"];

const rank = (file) => {
  const place = ORDER.indexOf(file.status);
  return place < 0 ? ORDER.length : place;
};

export function ImportButtons({ quiet }) {
  const button = classes("button", quiet && "plain");
  return html`
    <div class="import-buttons">
      <label class=${classes("button", !quiet && "primary")}>
        <${Icon} name="upload" />${text.import.files}
        <input type="file" multiple class="unseen" onChange=${takeChosen} />
      </label>
      <label class=${classes(button, "folder")}>
        <${Icon} name="folder" />${text.import.folder}
        <input type="file" webkitdirectory class="unseen" onChange=${takeChosen} />
      </label>
    </div>
  `;
}

export function summary() {
  const files = importing.files.value;
  const sent = files.filter(importing.isSent).length;
  const read = files.filter(importing.isFinal).length;
  if (read === files.length) return text.import.finished(importing.countByStatus());
  if (sent < files.length) return text.import.sending(sent + 1, files.length);
  return text.import.reading(read, files.length);
}

// Sending is the first half of the way, reading the second.
function progress() {
  const files = importing.files.value;
  const way = (file) =>
    importing.isFinal(file) ? 1 : importing.isSent(file) ? 0.5 : (file.progress ?? 0) / 2;
  return files.reduce((sum, file) => sum + way(file), 0) / files.length;
}

export function ImportPanel() {
  const files = importing.files.value;
  if (!importing.shown.value || !files.length) return null;
  const ordered = files.toSorted((a, b) => rank(a) - rank(b));
  const running = importing.isRunning();
  return html`
    <section class="import-panel" aria-label=${text.import.title}>
      <header>
        <p role="status">${summary()}</p>
        ${!running &&
        html`<button
          type="button"
          class="plain icon-only"
          aria-label=${text.close}
          onClick=${() => (importing.shown.value = false)}
        >
          <${Icon} name="close" />
        </button>`}
      </header>
      ${running && html`<progress max="1" value=${progress()} aria-label=${text.import.progress} />`}
      ${importing.lost.value && html`<p class="quiet">${text.import.lost}</p>`}
      <ul>
        ${ordered.slice(0, LINES).map((file, n) => html`<${FileLine} key=${n} file=${file} />`)}
      </ul>
      ${files.length > LINES && html`<p class="quiet">${text.import.more(files.length - LINES)}</p>`}
    </section>
  `;
}

export function FileLine({ file }) {
  const found = text.import.found(file.counts ?? {});
  const status = text.import.status[file.status];
  const activity = file.activities?.[0];
  return html`
    <li class=${classes("file-line", file.status)}>
      <span class="name">${file.name}</span>
      <span class="status">
        ${found && file.status !== "duplicate" ? `${status}: ${found}` : status}
        ${activity && html` · <a href=${`/activities/${activity}`}>${text.import.open}</a>`}
      </span>
      <span class="size">${bytes(file.size)}</span>
      ${file.error &&
      html`<p class="why">${file.error.message} <em>${file.error.next_step}</em></p>`}
      ${file.warnings?.map((warning, n) => html`<p class="why" key=${n}>${warning}</p>`)}
    </li>
  `;
}
