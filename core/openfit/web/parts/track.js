// The track as a drawing, coloured by choice, with a dot where the charts' cursor is.

import { useMemo, useRef, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { distance, MISSING, number } from "../format.js";
import { html } from "../html.js";
import { classes, project, RAMP, runs, scaleBar } from "../projection.js";
import { scaled } from "../scale.js";
import { grades, nearest } from "../series.js";
import { part, text } from "../text.js";
import { useWidth } from "../width.js";

const [TALLEST, MARGIN, REACH, LABEL_ROOM] = [440, 24, 40, 80].map(scaled);
const COLOURABLE = ["heart_rate", "speed", "altitude", "grade", "power"];
const { track: t } = await part("activity");
const own = await part("activity");

export function Track({ course, metres }) {
  const track = course.track.value;
  const options = colourings(course);
  const [by, setBy] = useState(options[0]?.metric ?? "");
  if (!track || track.t.length < 2) return null;
  const chart = options.find(({ metric }) => metric === by);
  return html`
    <section aria-labelledby="track">
      <header class="section-head">
        <h2 id="track">${t.title}</h2>
        <label>
          ${t.colour}
          <select value=${by} onChange=${(event) => setBy(event.target.value)}>
            ${options.map((one) => html`<option value=${one.metric}>${one.name}</option>`)}
            <option value="">${t.plain}</option>
          </select>
        </label>
      </header>
      <${Drawing} course=${course} track=${track} chart=${chart} metres=${metres} />
    </section>
  `;
}

/** What a track can be coloured by. A slope that no device recorded comes of height and way. */
function colourings(course) {
  const found = course.charts.filter(({ metric }) => COLOURABLE.includes(metric));
  const [altitude, way] = [course.whole?.get("altitude"), course.odometer()];
  if (!altitude || !way || found.some(({ metric }) => metric === "grade")) return found;
  const write = (value) => number(value, 1).replace("-", "−");
  return [...found, { metric: "grade", name: own.grade, unit: "%", write, samples: () => grades(altitude, way) }];
}

function Drawing({ course, track, chart, metres }) {
  const [host, width] = useWidth();
  const zoom = course.zoom.value;
  const samples = useMemo(() => course.samples.value && (chart?.samples?.() ?? course.whole.get(chart?.metric)), [chart?.metric, course.whole]);
  const paper = useMemo(() => width && project(track, width, TALLEST, MARGIN), [track, width]);
  const scale = useMemo(() => (samples?.t.length ? classes(samples) : null), [samples]);
  const lines = useMemo(
    () => paper && runs(track, paper, (i) => `${scale ? scale.classOf(track.t[i]) : "plain"}${beyond(track.t[i], zoom)}`),
    [paper, scale, zoom],
  );
  const label = t.label(metres ? distance(metres) : t.noDistance, track.n);
  return html`
    <figure class="track panel" ref=${host}>
      ${
        paper &&
        html`<svg
        role="img"
        aria-label=${label}
        width=${width}
        height=${paper.height}
        onPointerMove=${(event) => point(event, course, track, paper)}
        onPointerLeave=${() => (course.cursor.value = null)}
      >
        ${lines.map(
          ({ kind, points }) => html`<polyline class="ramp-${kind}" points=${points.join(" ")} />`,
        )}
        <${Ends} paper=${paper} width=${width} />
        <${Dot} course=${course} track=${track} paper=${paper} />
      </svg>`
      }
      <figcaption>
        ${paper && html`<${Bar} metresPerPixel=${paper.metresPerPixel} />`}
        ${scale && html`<${Legend} chart=${chart} scale=${scale} />`}
      </figcaption>
    </figure>
  `;
}

/** What lies outside of what the charts show stands back. */
const beyond = (at, zoom) => (zoom && (at < zoom[0] || at > zoom[1]) ? " beyond" : "");

/** The position nearest to the pointer becomes the cursor of everything. */
function point(event, course, track, { px, py }) {
  const box = event.currentTarget.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let [best, shortest] = [-1, REACH ** 2];
  for (let i = 0; i < px.length; i++) {
    const far = (px[i] - x) ** 2 + (py[i] - y) ** 2;
    if (far < shortest) [best, shortest] = [i, far];
  }
  course.cursor.value = best < 0 ? null : track.t[best];
}

function Ends({ paper: { px, py }, width }) {
  const [x, y] = [px.at(-1), py.at(-1)];
  const close = Math.hypot(x - px[0], y - py[0]) < 30;
  return html`
    <rect class="end" x=${x - 5} y=${y - 5} width="10" height="10" />
    <circle class="start" cx=${px[0]} cy=${py[0]} r="5" />
    <${Label} x=${px[0]} y=${py[0]} width=${width}
      said=${close ? t.both : t.start} />
    ${!close && html`<${Label} x=${x} y=${y} width=${width} said=${t.end} />`}
  `;
}

/** Right of its mark, or left of it where the drawing ends. */
function Label({ x, y, width, said }) {
  const left = x > width - LABEL_ROOM;
  return html`<text x=${left ? x - 9 : x + 9} y=${y + 4} text-anchor=${left ? "end" : "start"}>${said}</text>`;
}

function Dot({ course, track, paper }) {
  const dot = useRef();
  useSignalEffect(() => {
    const at = course.cursor.value;
    const i = at === null ? -1 : nearest(track.t, at);
    dot.current?.classList.toggle("away", i < 0);
    if (i < 0) return;
    dot.current?.setAttribute("cx", paper.px[i]);
    dot.current?.setAttribute("cy", paper.py[i]);
  });
  return html`<circle class="dot away" ref=${dot} r="7" />`;
}

function Bar({ metresPerPixel }) {
  const { metres, pixels } = scaleBar(metresPerPixel);
  return html`<span class="scale-bar" style=${{ width: `${pixels}px` }}>${distance(metres).replace(/[.,]00(?=\s)/, "")}</span>`;
}

function Legend({ chart, scale }) {
  const ends = [chart.write(scale.low), chart.write(scale.high)].map((end) => end ?? MISSING);
  return html`
    <span class="legend">
      ${ends[0]}
      <span class="ramp" aria-hidden="true">
        ${[...Array(RAMP).keys()].map((n) => html`<i class="swatch-${n}"></i>`)}
      </span>
      ${ends[1]} ${chart.unit}
    </span>
  `;
}
