// The best of each effort and sport, over all sources.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { plainDay as dayName, words } from "../format.js";
import { html } from "../html.js";
import { SportIcon } from "../icons.js";
import { finishedImports } from "../importing.js";
import { useLoaded, usePolled } from "../loading.js";
import { ProblemNote } from "../parts/problem.js";
import { StackTable } from "../parts/stack-table.js";
import { TrainingHead } from "../parts/training-head.js";
import { Sureness, Why } from "../parts/why.js";
import { effortOf, line, nameOf } from "../results.js";
import { text } from "../text-training.js";

const t = text.records;

const HEAD = [t.head[0], t.head[1], t.head[2], t.head[4]].map((name) => ({ name }));

const kindOf = ({ id }) => effortOf(id)?.kind ?? "most";

export function Records() {
  const { value, problem, again } = useLoaded(api.records, [finishedImports.value]);
  const [sport, setSport] = useState("");
  usePolled(value?.pending, again);
  const sports = [...new Set((value?.items ?? []).map((one) => one.sport))];
  const shown = sports.filter((one) => !sport || one === sport);
  return html`
    <${TrainingHead} here="records" title=${t.title}>
      ${value?.items.length > 0 && html`<p class="answer">${t.answer(value.items.length, sports.length)}</p>`}
    <//>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${text.training.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value?.pending && html`<p class="hint" role="status">${text.training.pending}</p>`}
    ${value?.items.length === 0 && !value.pending && html`<${Empty} />`}
    ${sports.length > 1 && html`<${Choice} sports=${sports} sport=${sport} choose=${setSport} />`}
    <div class="sports">
      ${shown.map((one) => html`<${Sport} key=${one} sport=${one} records=${value.items.filter((each) => each.sport === one)} />`)}
    </div>
  `;
}

const Choice = ({ sports, sport, choose }) => html`
  <div class="section-head">
    <label>
      ${t.sport}
      <select value=${sport} onChange=${(event) => choose(event.target.value)}>
        <option value="">${t.every}</option>
        ${sports.map((one) => html`<option value=${one}>${words(one)}</option>`)}
      </select>
    </label>
  </div>
`;

const Empty = () => html`
  <section class="empty">
    <h2>${t.none}</h2>
    <p><a href="/">${t.import}</a></p>
  </section>
`;

const Sport = ({ sport, records }) => html`
  <section aria-labelledby="sport-${sport}">
    <h2 id="sport-${sport}"><span class="sport"><${SportIcon} sport=${sport} /></span> ${words(sport)}</h2>
    ${Object.keys(t.groups).map(
      (kind) => html`<${Group} key=${kind} kind=${kind} sport=${sport} records=${records.filter((one) => kindOf(one) === kind)} />`,
    )}
  </section>
`;

function Group({ kind, sport, records }) {
  if (!records.length) return null;
  const size = ({ id }) => effortOf(id)?.size ?? 0;
  const sorted = [...records].sort((a, b) => size(a) - size(b));
  const label = `${words(sport)}: ${t.groups[kind]}`;
  return html`
    <div class="part records">
      <h3>${t.groups[kind]}</h3>
      <${StackTable} label=${label} head=${HEAD} rows=${sorted.map(rowOf)} />
    </div>
  `;
}

function rowOf(record) {
  const { holder, before } = record;
  const earlier = before && line({ ...record, value: before.value });
  return [
    nameOf(record.id),
    html`<details data-record=${record.id}><summary><strong>${line(record)}</strong> <${Sureness} share=${record.confidence} /></summary><${Why} result=${record} /></details>`,
    html`<a href="/activities/${encodeURIComponent(holder.activity)}">${dayName(holder.day)}${holder.name && html`<span class="hint">${holder.name}</span>`}</a>`,
    before
      ? html`<a class="hint" href="/activities/${encodeURIComponent(before.activity)}">${t.before(earlier, dayName(before.day))}</a>`
      : html`<span class="hint">${t.first}</span>`,
  ];
}
