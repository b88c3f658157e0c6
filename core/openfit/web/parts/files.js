// The bytes behind the numbers: originals, who read them, and what the reading remarked.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { download } from "../download.js";
import { here } from "../format.js";
import { html } from "../html.js";
import { offer } from "../offer.js";
import { part, text } from "../text.js";
import { ProblemNote } from "./problem.js";

const { files: t } = await part("activity");

const FORMATS = ["fit", "gpx", "tcx"];

/** An original can be of any size; what is written of one activity is small. */
const save = ({ receipt }) => download({ receipt });

async function saveAs(id, format) {
  const { blob, name } = await api.written(id, format);
  offer(blob, name);
}

export const Files = ({ id, files = [], integration }) => html`
  <section aria-labelledby="files">
    <h2 id="files">${t.title}</h2>
    <${Exports} id=${id} />
    <p class="hint">${t.via(integration)}</p>
    ${files.length === 0 && html`<p>${t.none}</p>`}
    ${files.map(
      (file) => html`<${Original} key=${file.receipt} file=${file} reader=${integration} />`,
    )}
  </section>
`;

function Exports({ id }) {
  const [state, setState] = useState({});
  const download = async (format) => {
    setState({ busy: format });
    setState(
      await saveAs(id, format).then(
        () => ({}),
        (problem) => ({ problem, format }),
      ),
    );
  };
  return html`
    <p>${t.write}</p>
    <p class="buttons">
      ${FORMATS.map(
        (format) => html`
          <button onClick=${() => download(format)} disabled=${state.busy !== undefined}>
            ${(state.busy === format ? t.writing : t.writeAs)(format.toUpperCase())}
          </button>
        `,
      )}
    </p>
    ${state.problem && html`<${ProblemNote} problem=${state.problem} again=${() => download(state.format)} />`}
  `;
}

function Original({ file, reader }) {
  const [state, setState] = useState({});
  const download = async () => {
    setState({ busy: true });
    setState(
      await save(file).then(
        () => ({}),
        (problem) => ({ problem }),
      ),
    );
  };
  return html`
    <div class="panel original">
      <h3>${file.name ?? t.unnamed}</h3>
      <p class="hint">
        ${[
          t.received(here(file.received_at)),
          file.normalized_by && t.readBy(`${reader} ${file.normalized_by}`),
          file.member && t.member(file.member),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p class="hint sha">${t.sha} <code>${file.sha256}</code></p>
      <${Remarks} reports=${file.reports ?? []} />
      <button onClick=${download} disabled=${state.busy}>${state.busy ? t.saving : t.download}</button>
      ${state.problem && html`<${ProblemNote} problem=${state.problem} again=${download} />`}
    </div>
  `;
}

function Remarks({ reports }) {
  if (!reports.length) return null;
  const where = (report) => (Number.isInteger(report.at_byte) ? ` (${t.at(report.at_byte)})` : "");
  return html`
    <p>${t.remarks}</p>
    <ul class="remarks">
      ${reports.map((report) => html`<li>${report.message}${where(report)}</li>`)}
    </ul>
  `;
}
