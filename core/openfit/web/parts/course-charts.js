// The stack of charts under one readout. The readout is a slider, so that a keyboard and a screen
// reader walk through the activity as a mouse does.

import { useEffect, useRef, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { drawChart } from "../charts.js";
import { clockSeconds, distance, duration, MISSING, number, zone } from "../format.js";
import { html } from "../html.js";
import { interpolate, summary, valueAt } from "../series.js";
import { part, text } from "../text.js";
import { palette } from "../theme.js";
import { SampleTables } from "./sample-tables.js";
import { useWidth } from "../width.js";

const { charts: t } = await part("activity");
const own = await part("activity");
const STEP = 1 / 200;
const STRIDE = 1 / 20;
const FEWEST = 3;

export function CourseCharts({ course }) {
  const samples = course.samples.value;
  const [all, setAll] = useState(false);
  const first = course.charts.filter((chart, n) => chart.main || n < FEWEST);
  const shown = all ? course.charts : first;
  const hidden = course.charts.length - shown.length;
  if (!course.charts.length) return html`<p class="hint">${t.none}</p>`;
  return html`
    <section class="course" aria-labelledby="course" onKeyDown=${(event) => press(event, course)}>
      <header class="section-head">
        <h2 id="course">${t.title}</h2>
        <${AxisChoice} course=${course} />
      </header>
      ${!samples && !course.problem.value && html`<div class="bone tall" role="status" aria-label=${t.loading}></div>`}
      ${
        samples &&
        html`<div class="panel">
        <${Readout} course=${course} />
        ${shown.map(
          (chart, n) => html`<${Chart} key=${chart.metric} course=${course} chart=${chart}
            last=${n === shown.length - 1} />`,
        )}
        ${hidden > 0 && html`<button class="quiet" onClick=${() => setAll(true)}>${t.more(hidden)}</button>`}
        <${Resolution} course=${course} />
      </div>
      <${SampleTables} course=${course} />`
      }
    </section>
  `;
}

function AxisChoice({ course }) {
  const axes = Object.keys(t.axes).filter((name) => name !== "distance" || course.odometer());
  return html`
    <span class="buttons">
      ${course.zoom.value && html`<button onClick=${() => (course.zoom.value = null)}>${t.reset}</button>`}
      <label>
        ${t.axis}
        <select value=${course.axis.value} onChange=${(event) => (course.axis.value = event.target.value)}>
          ${axes.map((name) => html`<option value=${name}>${t.axes[name]}</option>`)}
        </select>
      </label>
    </span>
  `;
}

/** Where the cursor is, in every way of counting. */
export function placeOf(course, at) {
  const odometer = course.odometer();
  return [
    `${clockSeconds(course.start + at, course.offset)}${course.offset ? "" : " UTC"}`,
    duration(at / 1000),
    odometer && distance(interpolate(odometer.t, odometer.v, at)),
  ].filter(Boolean);
}

function valueText(course, chart, at) {
  const samples = course.samples.value.get(chart.metric);
  const value = samples ? valueAt(samples, at) : null;
  return value === null ? MISSING : `${chart.write(value)} ${chart.unit}`;
}

function Readout({ course }) {
  const at = course.cursor.value;
  const [low, high] = course.extent.value;
  const said =
    at === null
      ? t.cursorHint
      : [
          ...placeOf(course, at),
          ...course.charts.map((chart) => `${chart.name} ${valueText(course, chart, at)}`),
        ].join(", ");
  return html`
    <div
      class="readout"
      role="slider"
      tabindex="0"
      aria-label=${t.cursor}
      aria-valuemin=${Math.round(low / 1000)}
      aria-valuemax=${Math.round(high / 1000)}
      aria-valuenow=${Math.round((at ?? low) / 1000)}
      aria-valuetext=${said}
    >
      ${
        at === null
          ? html`<span class="hint">${t.help} ${zone(course.offset)}.</span>`
          : html`<strong>${placeOf(course, at).join(" · ")}</strong>`
      }
    </div>
  `;
}

function Chart({ course, chart, last }) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  const axis = course.axis.value;
  useEffect(() => {
    drawn.current = drawChart(host.current, course, chart, last);
    return () => {
      drawn.current.destroy();
      drawn.current = null;
    };
  }, [axis, palette.value, last]);
  useEffect(() => drawn.current?.resize(), [width]);
  useSignalEffect(() => {
    void [course.samples.value, course.extent.value, course.twin.value];
    drawn.current?.refresh();
  });
  useSignalEffect(() => drawn.current?.follow(course.cursor.value));
  const samples = course.samples.value.get(chart.metric);
  const range = samples?.t.length ? rangeText(chart, samples) : MISSING;
  return html`
    <figure class="chart">
      <figcaption>
        <h3 class="series-${chart.colour}">
          ${chart.name}${chart.unit && html` <small>${chart.unit}</small>`}
          ${chart.method === "computed" && html` <small class="tag">${t.computed}</small>`}
          ${course.twin.value?.samples.has(chart.metric) && html` <small class="tag">${own.twins.overlaid(course.twin.value.name ?? course.twin.value.integration)}</small>`}
        </h3>
        <${AtCursor} course=${course} chart=${chart} range=${range} />
      </figcaption>
      <div class="plot" ref=${host} role="img" aria-label=${t.chartLabel(chart.name, range)}></div>
    </figure>
  `;
}

function rangeText(chart, samples) {
  const { average, low, high } = summary(samples);
  const [least, most] = [low, high].map(chart.write);
  const span = least === MISSING ? t.upTo(most, chart.unit) : t.range(least, most, chart.unit);
  return average === null ? span : `${t.average(chart.write(average))} · ${span}`;
}

const AtCursor = ({ course, chart, range }) => {
  const at = course.cursor.value;
  return at === null
    ? html`<span class="hint">${range}</span>`
    : html`<strong class="at">${valueText(course, chart, at)}</strong>`;
};

function Resolution({ course }) {
  if (course.finer.value) return html`<p class="hint" role="status">${t.finer}</p>`;
  const all = [...course.samples.value.values()];
  const [shown, n] = [(one) => one.t.length, (one) => one.n].map((count) =>
    all.reduce((sum, one) => sum + count(one), 0),
  );
  return html`<p class="hint">${shown < n ? t.thinned(number(shown), n) : t.raw(n)}</p>`;
}

function press(event, course) {
  if (event.target.closest("select, input, summary, .scroll")) return;
  const [low, high] = course.extent.value;
  const step = (high - low) * (event.shiftKey ? STRIDE : STEP);
  const from = course.cursor.value ?? low;
  const moves = { ArrowRight: from + step, ArrowLeft: from - step, Home: low, End: high };
  if (event.key in moves) course.cursor.value = Math.min(high, Math.max(low, moves[event.key]));
  else if (event.key !== "Escape") return;
  else if (course.cursor.value !== null) course.cursor.value = null;
  else course.zoom.value = null;
  event.preventDefault();
}
