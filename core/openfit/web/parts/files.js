// The bytes behind the numbers: originals, who read them, and what the reading remarked.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { here } from "../format.js";
import { html } from "../html.js";
import { text } from "../text.js";
import { ProblemNote } from "./problem.js";

const t = text.files;

/** The token goes in a header, so a plain link cannot fetch an original. */
async function save(file) {
  const address = URL.createObjectURL(await api.original(file.receipt));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: (file.name ?? t.unnamed).split("/").pop() });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const Files = ({ files = [], integration }) => html`
  <section aria-labelledby="files">
    <h2 id="files">${t.title}</h2>
    <p class="hint">${t.via(integration)}</p>
    ${files.length === 0 && html`<p>${t.none}</p>`}
    ${files.map(
      (file) => html`<${Original} key=${file.receipt} file=${file} reader=${integration} />`,
    )}
  </section>
`;

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
