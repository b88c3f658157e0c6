// One activity: the answer first, then the course of it, then the bytes behind it.

import { useEffect, useMemo, useState } from "preact/hooks";
import * as api from "../api.js";
import { Course } from "../course.js";
import { clock, date, deviceName, sportName, zone } from "../format.js";
import { html } from "../html.js";
import { Icon, SportIcon } from "../icons.js";
import { lazily } from "../lazy.js";
import { useLoaded } from "../loading.js";
import { Corrected, CorrectDialog, DeleteDialog } from "../parts/corrections.js";
import { Files } from "../parts/files.js";
import { Parts } from "../parts/laps.js";
import { ProblemNote } from "../parts/problem.js";
import { Totals } from "../parts/totals.js";
import { Track } from "../parts/track.js";
import { viewed } from "../session.js";
import { sheet } from "../sheet.js";
import { Twins } from "../parts/twins.js";
import { text } from "../text.js";
import { known } from "../totals.js";

const t = text.activity;
await sheet("twins.css");
const Results = lazily(() => import("../parts/results.js").then((it) => it.Results));

export function Activity({ id }) {
  const { value, problem, again, set } = useLoaded(() => api.activity(id), [id]);
  const name = value && (value.activity.name ?? sportName(value.activity));
  document.title = `${name ?? text.list.title} · ${text.name}`;
  return html`
    <p class="back"><a href="/activities"><${Icon} name="back" />${t.back}</a></p>
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${value && html`<${Shown} detail=${value} name=${name} set=${set} again=${again} />`}
  `;
}

function Shown({ detail, name, set, again }) {
  const { activity } = detail;
  const [open, setOpen] = useState(null);
  const course = useMemo(() => new Course(detail), [detail.id, activity.sport]);
  return html`
    <article>
      <${Head} detail=${detail} name=${name} set=${set} open=${open} setOpen=${setOpen} />
      <${Totals} activity=${activity} />
      <${CourseOf} detail=${detail} course=${course} />
      <${Results} id=${detail.id} day=${detail.day} still=${open === "delete"} />
      <${Parts} activity=${activity} course=${course} />
      <${Twins} detail=${detail} course=${course} again=${again} />
      <${Files} id=${detail.id} files=${detail.files} integration=${detail.integration} />
    </article>
  `;
}

function When({ activity }) {
  const [start, end] = [activity.start, activity.end].map((at) => at && Date.parse(at));
  const from = clock(start, activity.utc_offset);
  return html`<time datetime=${activity.start}
    >${date(start, activity.utc_offset)}, ${end ? t.until(from, clock(end, activity.utc_offset)) : from}</time
  > <span class="zone">(${zone(activity.utc_offset)})</span>`;
}

function Head({ detail, name, set, open, setOpen }) {
  const { activity, device, twins = [] } = detail;
  const close = () => setOpen(null);
  return html`
    <header class="page-head">
      <div>
        <h1><span class="sport"><${SportIcon} sport=${activity.sport} /></span> ${name}</h1>
        <p class="answer"><${When} activity=${activity} /></p>
        <p class="hint">
          ${[
            name !== sportName(activity) && sportName(activity),
            device ? deviceName(device) : t.unknownDevice,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        ${twins.length > 0 && html`<p class="hint"><a href="#twins">${t.twins(twins.length)}</a></p>`}
        ${detail.tags?.length > 0 && html`<${Tags} tags=${detail.tags} />`}
        ${activity.notes && html`<p class="notes">${activity.notes}</p>`}
        ${!viewed.value && html`<${Corrected} edits=${detail.edits} id=${detail.id} onChanged=${set} />`}
      </div>
      ${
        !viewed.value &&
        html`<div class="buttons">
          <button onClick=${() => setOpen("correct")}>${t.edit}</button>
          <button class="quiet" onClick=${() => setOpen("delete")}>${t.remove}</button>
        </div>`
      }
      ${
        open === "correct" &&
        html`<${CorrectDialog} activity=${activity} tags=${detail.tags ?? []} id=${detail.id} onChanged=${set} onClose=${close} />`
      }
      ${open === "delete" && html`<${DeleteDialog} id=${detail.id} name=${name} onClose=${close} />`}
    </header>
  `;
}

const Tags = ({ tags }) => html`
  <p class="tags">
    ${tags.map((tag) => html`<a key=${tag} href=${`/activities?${new URLSearchParams({ tag })}`}>#${tag}</a>`)}
  </p>
`;

/** Samples, track and charts. The charting code is fetched when an activity is first opened. */
function CourseOf({ detail, course }) {
  const [charts, setCharts] = useState(null);
  useEffect(() => {
    course.load();
    return () => course.close();
  }, [course]);
  useEffect(() => {
    import("../parts/course-charts.js").then((module) => setCharts(() => module.CourseCharts));
  }, []);
  const metres = known(detail.activity, "distance")?.value;
  return html`
    ${
      course.problem.value &&
      html`<${ProblemNote} problem=${course.problem.value} again=${() => course.load()} />`
    }
    <${Track} course=${course} metres=${metres} />
    ${charts && html`<${charts} key=${course.id} course=${course} />`}
  `;
}
