// Seconds of a night: heart rate as a line, each beat as a dot, motion from zero, on one cursor and
// one zoom. What is missing stays empty: hatched where nothing was measured, marked between beats.

import { useMemo } from "preact/hooks";
import { hueOf } from "../devices.js";
import { press, shifted, watchPointers, zoomed } from "../explore/gestures.js";
import { extremes } from "../explore/model.js";
import { drawPanel } from "../explore/plot.js";
import { timeOfDay, withUnit, writer } from "../explore/words.js";
import { isNumber, metricName, MISSING } from "../format.js";
import { html } from "../html.js";
import { hatch, place, within } from "../paint.js";
import { scaled } from "../scale.js";
import { common, missing, valueOver } from "../seconds.js";
import { part } from "../text.js";
import { colour } from "../theme.js";
import { useDrawn } from "./drawn.js";
import { LineNames } from "./line-names.js";

const [t, words] = await Promise.all([part("night"), part("explorer")]);
const KINDS = [
  { key: "heart_rate", title: t.panels.heart, metric: "heart_rate", height: scaled(200), said: (value) => value },
  { key: "beats", title: t.panels.beats, metric: "rr_interval", height: scaled(200), said: t.readout.beat, note: t.notes.beats },
  { key: "motion", title: t.panels.motion, metric: "acceleration_x", height: scaled(130), said: t.readout.moved, note: t.notes.motion, fromZero: true },
];
const [SPARSE, MARK, WIDE] = [5, 7, 4]; // px
const MINUTES = 30 * 60_000; // of a span, below which a time has seconds

const empty = { t: [], v: [], breaks: [], n: 0, gaps: 0 };
const offOf = ({ off_wrist: off }) => off.map(({ start, end }) => [Date.parse(start), Date.parse(end)]);

/** Where none of these sources has anything, and where all were off the wrist. */
function absentOf(sources, span) {
  const nothing = common(sources.map(({ heart_rate: heart, motion, beats }) => missing(heart ?? motion ?? beats ?? empty, span)));
  const off = common(sources.map(offOf));
  return [...nothing, ...off];
}

function panelsOf({ sources, looked }) {
  const found = KINDS.flatMap((kind) => {
    const courses = sources.filter((one) => one[kind.key]).map((one) => ({ source: one, ...one[kind.key] }));
    return courses.length ? [panelOf(kind, courses, looked, sources.length > 1)] : [];
  });
  const names = found.flatMap(({ lines, dots }) => [...lines, ...(dots ?? [])].map(({ name }) => name).filter(Boolean));
  return found.map((panel, n) => ({ ...panel, names, last: n === found.length - 1 }));
}

function panelOf(kind, courses, looked, several) {
  const lines = courses.map(({ source, t: when, v, breaks, n, gaps }) => ({
    id: source.source_id, name: several ? source.label : null, t: when, v, n, gaps, listed: breaks, breaks: new Set(breaks), gap: 0,
    colour: several || kind.key !== "heart_rate" ? hueOf(source.source_id) : "series-heart_rate", dash: 0, leads: true,
  }));
  const reach = extremes(lines);
  const form = writer(kind.metric, courses[0].unit, reach.low, reach.high);
  const total = (of) => lines.reduce((sum, line) => sum + of(line), 0);
  const [n, drawn, gaps] = [total((line) => line.n), total((line) => line.t.length), total((line) => line.gaps)];
  const beats = kind.key === "beats";
  return {
    ...kind, form, unit: form.unit, ticks: form.ticks, writeBy: form.writeBy, absent: absentOf(courses.map(({ source }) => source), looked),
    lines: beats ? [] : lines, dots: beats ? lines : null,
    range: beats ? () => around(reach) : undefined,
    fineness: drawn < n ? t.thinned(drawn, n) : t.each,
    label: t.chart(kind.title, t.range(form.write(reach.low), withUnit(form, reach.high)), gaps),
    at: (when) => lines.map((line) => valueOver({ ...line, breaks: line.listed }, when)).filter(isNumber).map((value) => kind.said(withUnit(form, value))),
  };
}

const around = ({ low, high }) => {
  const room = Math.max((high - low) * 0.08, 40);
  return [Math.max(0, low - room), high + room];
};

// Beats --------------------------------------------------------------------------------------------

/** A dot each, as large as there is room for; between two that do not follow each other the gap. */
function paintBeats(plot, line, [low, high]) {
  const inside = line.t.filter((at) => at >= low && at <= high).length;
  const apart = plot.bbox.width / Math.max(1, inside);
  const hue = colour(line.colour);
  for (const n of line.listed) paintGap(plot, line.t[n - 1], line.t[n]);
  within(plot, (ctx, ratio) => {
    const radius = apart > SPARSE * ratio ? 2.5 * ratio : apart > ratio / 2 ? 1.5 * ratio : ratio;
    Object.assign(ctx, { fillStyle: hue, globalAlpha: apart > ratio ? 0.9 : 0.55 });
    line.t.forEach((at, n) => {
      if (at < low || at > high) return;
      const [x, y] = place(plot, at, line.v[n]);
      if (radius <= 1.5 * ratio) return void ctx.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fill();
    });
  });
}

/** A mark at the foot of the plot, and the gap itself where it is wide enough to be seen. */
function paintGap(plot, from, to) {
  const ink = colour("ink-2");
  const [left, right] = [from, to].map((at) => plot.valToPos(at, "x", true));
  within(plot, (ctx, ratio) => {
    ctx.fillStyle = ink;
    const foot = plot.bbox.top + plot.bbox.height;
    ctx.fillRect((left + right) / 2 - ratio / 2, foot - MARK * ratio, Math.max(ratio, 1), MARK * ratio);
    if (right - left < WIDE * ratio) return;
    ctx.fillRect(left, foot - 2 * ratio, right - left, 2 * ratio);
  });
}

// The panels ---------------------------------------------------------------------------------------

export function SecondsCharts({ view }) {
  const night = view.night.value;
  const panels = useMemo(() => panelsOf(night), [night]);
  return html`
    <div class="panel explore seconds" aria-busy=${view.busy.value} onKeyDown=${(event) => press(event, view)}>
      <${Readout} view=${view} panels=${panels} />
      ${panels.map((panel) => html`<${Panel} key=${panel.key} view=${view} panel=${panel} />`)}
      ${panels.length === 0 && html`<p class="hint">${t.noRange}</p>`}
      <${Ways} view=${view} />
      <p class="hint">${hatched(panels, view.span.value) && `${t.notes.absent} `}${words.zone(view.clock.value.offsetAt(view.span.value[0]))}</p>
    </div>
  `;
}

const hatched = (panels, [low, high]) => panels.some(({ absent }) => absent.some(([from, to]) => from < high && to > low));

function Panel({ view, panel }) {
  const [host, width] = useDrawn(panel, view, (at) => {
    const paint = panel.dots && ((plot) => panel.dots.forEach((line) => paintBeats(plot, line, view.span.peek())));
    const made = drawPanel(at, { ...panel, paint }, view);
    return [made, watchPointers(made.plot, view)];
  });
  return html`
    <figure class="chart" data-panel=${panel.key}>
      <figcaption><h3>${panel.title} <small>${panel.unit}</small></h3><span class="hint">${panel.fineness}</span></figcaption>
      <${LineNames} lines=${panel.dots ?? panel.lines} width=${panel.dots ? Math.min(width, 1) : width} />
      <div class="plot" ref=${host} role="img" aria-label=${panel.label}></div>
      ${panel.note && html`<p class="hint">${panel.note}</p>`}
    </figure>
  `;
}

const isOff = ({ sources }, at) => sources.length > 0 && sources.every((one) => offOf(one).some(([from, to]) => from <= at && at < to));

function Readout({ view, panels }) {
  const at = view.cursor.value;
  const [low, high] = view.span.value;
  const shown = at === null ? null : timeOfDay(at, view.clock.value, high - low < MINUTES);
  const values = at === null ? [] : panels.flatMap((panel) => panel.at(at));
  if (at !== null && isOff(view.night.value, at)) values.push(t.readout.off);
  const said = values.join(" · ") || MISSING;
  return html`
    <div class="readout" role="slider" tabindex="0" aria-label=${t.cursor}
      aria-valuemin=${Math.round(low / 1000)} aria-valuemax=${Math.round(high / 1000)} aria-valuenow=${Math.round((at ?? low) / 1000)}
      aria-valuetext=${shown ? `${shown}: ${said}` : words.cursorHint}>
      ${shown ? html`<strong>${shown}</strong> <span>${said}</span>` : html`<span class="hint">${words.help}</span>`}
    </div>
  `;
}

function Ways({ view }) {
  const span = view.span.value;
  const [low, high] = span;
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const ways = [
    ["earlier", () => view.zoomTo(shifted(span, -half))],
    ["closer", () => view.zoomTo(zoomed(span, middle, 0.5))],
    ["wider", () => view.zoomTo(zoomed(span, middle, 2))],
    ["later", () => view.zoomTo(shifted(span, half))],
    ["back", () => view.reset()],
  ];
  return html`<p class="buttons ways">${ways.map(([name, go]) => html`<button class="quiet" onClick=${go}>${words[name]}</button>`)}</p>`;
}
