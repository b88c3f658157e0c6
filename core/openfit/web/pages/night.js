// One sleep: how long and how well, its course as every device saw it, and what is behind it.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { known } from "../devices.js";
import { clock, isNumber, MISSING, metricName, number, plainDay, zone } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { useLoaded } from "../loading.js";
import { asleepOf, stageMinutes } from "../nights.js";
import { CorrectNight, RemoveNight, TakenBack } from "../parts/night-corrections.js";
import { NightCharts } from "../parts/night-charts.js";
import { ProblemNote } from "../parts/problem.js";
import { Tiles } from "../parts/tiles.js";
import { viewed } from "../session.js";
import { part, text as frame } from "../text.js";
import { disagree } from "../totals.js";

const t = await part("sleep");
const d = t.detail;

/** The sleep, and the same one from other devices. */
async function load(id) {
  const detail = await api.night(id);
  const [twins, day] = await Promise.all([
    Promise.all(detail.twins.map((twin) => api.night(twin).catch(() => null))),
    api.nights({ from: detail.sleep.day, to: detail.sleep.day, twins: "all" }),
    known, // or devices would take hues as they come
  ]);
  return { detail, twins: twins.filter(Boolean), others: day.days.flatMap(({ sleeps }) => sleeps) };
}

export function Night({ id }) {
  const { value, problem, again } = useLoaded(() => load(id), [id]);
  const title = value ? d.titleOf(value.detail.sleep.role, plainDay(value.detail.sleep.day)) : t.title;
  document.title = `${title} · ${frame.name}`;
  return html`
    <p class="back"><a href="/sleep"><${Icon} name="back" />${d.back}</a></p>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${d.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && html`<${Shown} ...${value} title=${title} again=${again} />`}
  `;
}

function Shown({ detail, twins, others, title, again }) {
  const [open, setOpen] = useState(null);
  const { sleep } = detail;
  const same = new Set([sleep.id, ...detail.twins]);
  const rest = others.filter(({ id }) => !same.has(id));
  const close = () => setOpen(null);
  const changed = () => (close(), again());
  return html`
    <article>
      <header class="page-head">
        <div>
          <h1>${title}</h1>
          <${Answer} sleep=${sleep} />
          <p class="hint"><${When} sleep=${sleep} /> · ${d.from(sleep.source.label || sleep.integration)}</p>
          <${AsleepWhen} sleep=${sleep} />
          ${sleep.role === "night" && html`<p><a href="/night/${sleep.day}">${d.seconds}</a></p>`}
          ${sleep.role_basis === "longest" && html`<p class="hint">${d.longest}</p>`}
          ${!viewed.value && html`<${TakenBack} edits=${detail.edits} id=${sleep.id} onChanged=${again} />`}
        </div>
        ${
          !viewed.value &&
          html`<div class="buttons">
            <button onClick=${() => setOpen("correct")}>${d.correct}</button>
            <button class="quiet" onClick=${() => setOpen("remove")}>${d.remove}</button>
          </div>`
        }
        ${open === "correct" && html`<${CorrectNight} sleep=${sleep} onChanged=${changed} onClose=${close} />`}
        ${open === "remove" && html`<${RemoveNight} id=${sleep.id} onClose=${close} />`}
      </header>
      <${Figures} sleep=${sleep} />
      <${NightCharts} key=${sleep.id} nights=${[detail, ...twins]} />
      <${Shares} sleep=${sleep} />
      ${twins.length > 0 && html`<${Others} title=${d.twins} sleeps=${twins.map((one) => one.sleep)} />`}
      <${Scores} values=${sleep.values} />
      ${rest.length > 0 && html`<${Others} title=${d.others} sleeps=${rest} />`}
    </article>
  `;
}

function When({ sleep }) {
  const [from, to] = [sleep.start, sleep.end].map((at) => at && clock(Date.parse(at), sleep.utc_offset));
  return html`<time datetime=${sleep.start}>${to ? d.until(from, to) : from}</time> <span class="zone">(${zone(sleep.utc_offset)})</span>`;
}

/** When the source, or the wearer, says that one fell asleep and woke. */
function AsleepWhen({ sleep }) {
  const [from, to] = [sleep.asleep_start, sleep.asleep_end].map((at) => (at ? clock(Date.parse(at), sleep.utc_offset) : null));
  if (!from && !to) return null;
  return html`<p class="hint">${[from && d.fellAsleep(from), to && d.woke(to)].filter(Boolean).join(" · ")}</p>`;
}

function Answer({ sleep }) {
  const [asleep, bed] = [asleepOf(sleep), sleep.computed.in_bed_minutes];
  if (isNumber(asleep) && isNumber(bed)) return html`<p class="answer">${d.answer(t.hours(asleep), t.hours(bed))}</p>`;
  return isNumber(bed) ? html`<p class="answer">${d.bedOnly(t.hours(bed))}</p>` : null;
}

// Figures ------------------------------------------------------------------------------------------

const minutesText = (value) => (isNumber(value) ? (value < 60 ? `${number(value)}\u00a0min` : t.hours(value)) : MISSING);

const toldLatency = ({ start, asleep_start: asleep }) => (asleep ? (Date.parse(asleep) - Date.parse(start)) / 60_000 : undefined);

function Figures({ sleep }) {
  const { computed, reported, values } = sleep;
  const told = { ...sleep, computed: { ...computed, asleep_minutes: null } };
  const why = computed.reason ? d.why.none : d.why.stages;
  const tiles = [
    { name: d.names.asleep, said: asleepOf(told), ours: computed.asleep_minutes, write: minutesText, why },
    { name: d.names.bed, ours: computed.in_bed_minutes, write: minutesText, why: d.why.bed },
    { name: d.names.efficiency, said: values.sleep_efficiency, ours: computed.efficiency, write: (v) => (isNumber(v) ? `${number(v)} %` : MISSING), why },
    { name: d.names.latency, said: values.sleep_latency_minutes ?? toldLatency(sleep), ours: computed.latency_minutes, write: minutesText, why },
    { name: d.names.awake, said: reported.wake, ours: computed.wake_after_onset_minutes, write: minutesText, why },
  ];
  return html`
    <section aria-labelledby="figures">
      <h2 id="figures">${d.figures}</h2>
      <${Tiles}>${tiles.map((one) => html`<${Figure} key=${one.name} ...${one} />`)}<//>
    </section>
  `;
}

function Figure({ name, said, ours, write, why }) {
  const main = isNumber(said) ? said : ours;
  const differ = disagree(said, ours) && write(said) !== write(ours);
  return html`
    <details class="tile ${isNumber(main) ? "" : "missing"}">
      <summary>
        <span class="label">${name}</span>
        <span class="main"><span class="figure">${write(main)}</span></span>
        ${isNumber(ours) && !isNumber(said) && html`<span class="tag">${d.computed}</span>`}
        ${differ && html`<span class="second">${d.computed} ${write(ours)}</span>`}
      </summary>
      <dl>
        ${isNumber(said) && html`<dt>${d.reported}</dt><dd>${write(said)}</dd>`}
        <dt>${d.computed}</dt><dd>${write(ours)}. ${why}</dd>
      </dl>
    </details>
  `;
}

function Shares({ sleep }) {
  const given = Object.keys(sleep.reported).length ? sleep.reported : sleep.computed.minutes;
  const stages = stageMinutes(given);
  const all = stages.reduce((sum, [, minutes]) => sum + minutes, 0);
  const most = Math.max(...stages.map(([, minutes]) => minutes));
  if (!all) return html`<p class="absent">– ${d.noStages}</p>`;
  return html`
    <section aria-labelledby="shares">
      <h2 id="shares">${d.shares}</h2>
      <table class="zones" aria-labelledby="shares">
        <thead class="unseen"><tr>${d.sharesHead.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${stages.map(
            ([stage, minutes]) => html`<tr data-stage=${stage}>
              <th scope="row">${t.stages[stage]}</th>
              <td class="bar" aria-hidden="true"><i class="stage-${stage}" style=${{ width: `${(100 * minutes) / most}%` }}></i></td>
              <td class="num">${minutesText(minutes)}</td>
              <td class="num">${number((100 * minutes) / all)} %</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/** A vendor's own, under its own names. */
function Scores({ values }) {
  const found = Object.entries(values).filter(([name]) => name !== "sleep_minutes");
  if (!found.length) return null;
  return html`
    <section aria-labelledby="scores">
      <h2 id="scores">${d.scores}</h2>
      <p class="hint">${d.scoresNote}</p>
      <dl class="scores">${found.map(([name, value]) => html`<div><dt>${metricName(name)}</dt><dd>${number(value, Math.abs(value) < 100 && value % 1 ? 1 : 0)}</dd></div>`)}</dl>
    </section>
  `;
}

const Others = ({ title, sleeps }) => html`
  <section>
    <h2>${title}</h2>
    <ul class="nights">
      ${sleeps.map(
        (one) => html`<li key=${one.id}><a class="sleep-row small" href="/sleep/${encodeURIComponent(one.id)}">
          <span class="names"><span class="name">${one.source.label || one.integration}</span>
          <span class="when"><${When} sleep=${one} /></span></span>
          <strong class="num">${isNumber(asleepOf(one)) ? t.hours(asleepOf(one)) : minutesText(one.computed.in_bed_minutes)}</strong>
        </a></li>`,
      )}
    </ul>
  </section>
`;
