// The course of a night: a hypnogram of every device that saw it, and what else was measured, on one
// cursor and one zoom.

import { useMemo } from "preact/hooks";
import { signal } from "@preact/signals";
import * as api from "../api.js";
import { hueOf } from "../devices.js";
import { Clock } from "../explore/clock.js";
import { press, watchPointers } from "../explore/gestures.js";
import { hypnogramPanel } from "../explore/hypnogram.js";
import { extremes, lineOf, valueNear } from "../explore/model.js";
import { drawPanel } from "../explore/plot.js";
import { timeOfDay, withUnit, writer } from "../explore/words.js";
import { isNumber, metricName, MISSING, offsetMinutes } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { stageMinutes } from "../nights.js";
import { scaled } from "../scale.js";
import { part } from "../text.js";
import { useDrawn } from "./drawn.js";
import { LineNames } from "./line-names.js";
import { Table } from "./table.js";

const t = await part("sleep");
const d = t.detail;
const METRICS = ["heart_rate", "hrv_rmssd_5min", "respiration_rate", "oxygen_saturation", "skin_temperature"];
const POINTS = 800;
const [MINUTE, SHORTEST] = [60_000, 60_000];
const HEIGHT = scaled(150);

/** Where and when one looks: what panels share. */
class NightView {
  constructor(span, clock) {
    this.home = span;
    this.span = signal(span);
    this.cursor = signal(null);
    this.clock = signal(clock);
  }

  zoomTo([low, high]) {
    if (high - low < SHORTEST) return;
    this.span.value = [Math.max(low, this.home[0]), Math.min(high, this.home[1])];
  }

  reset() {
    this.span.value = this.home;
  }
}

function spanOf(nights) {
  const instants = nights.flatMap(({ sleep, stages }) => [sleep.start, sleep.end, ...stages.map(({ end }) => end)]).filter(Boolean).map(Date.parse);
  return [Math.min(...instants) - 10 * MINUTE, Math.max(...instants) + 10 * MINUTE];
}

async function measured([low, high]) {
  const span = { start: new Date(low).toISOString(), end: new Date(high).toISOString(), points: POINTS };
  const { items } = await api.metrics();
  const there = METRICS.filter((type) => items.some((one) => one.type === type));
  const views = await Promise.all(there.map((type) => api.metric(type, span).catch(() => null)));
  return views.filter((view) => view?.sources.length);
}

const stagesOf = ({ stages }) =>
  stages.map(({ start, end, stage, probability }) => ({ from: Date.parse(start), to: Date.parse(end), stage, probability }));

const labelOf = ({ sleep }) => sleep.source.label || sleep.integration;

export function NightCharts({ nights }) {
  const staged = nights.filter(({ stages }) => stages.length);
  const view = useMemo(() => {
    const { utc_offset: offset } = nights[0].sleep;
    return new NightView(spanOf(nights), new Clock([{ at: 0, minutes: offsetMinutes(offset) ?? 0 }]));
  }, []);
  const { value: metrics = [] } = useLoaded(() => measured(view.home), []);
  const panels = useMemo(() => panelsOf(staged, metrics), [metrics]);
  if (!panels.length) return null;
  return html`
    <section aria-labelledby="course" class="course">
      <h2 id="course">${d.course}</h2>
      ${staged.length > 1 && html`<p class="hint">${d.sources}</p>`}
      <div class="panel explore" onKeyDown=${(event) => press(event, view)}>
        <${Readout} view=${view} panels=${panels} />
        ${panels.map((panel) => html`<${Panel} key=${panel.key} view=${view} panel=${panel} />`)}
      </div>
      ${staged.map((night) => html`<${StageTable} key=${night.sleep.id} night=${night} />`)}
    </section>
  `;
}

function panelsOf(staged, metrics) {
  const hypnograms = staged.map((night) => {
    const stages = stagesOf(night);
    const minutes = stageMinutes(night.sleep.computed.minutes).map(([stage, n]) => [t.stages[stage], n]);
    return {
      ...hypnogramPanel(stages, t.stages),
      key: night.sleep.id, title: d.stageOf(labelOf(night)), colour: hueOf(night.sleep.source.source_id),
      label: d.hypnogram(labelOf(night), t.stagesOf(minutes)),
      at: (when) => stageAt(stages, when, labelOf(night)),
    };
  });
  const charts = metrics.map(metricPanel);
  const panels = [...hypnograms, ...charts];
  const names = panels.flatMap(({ lines }) => lines.map(({ name }) => name)).filter(Boolean);
  return panels.map((panel, n) => ({ ...panel, names, last: n === panels.length - 1 }));
}

function stageAt(stages, when, label) {
  const found = stages.find(({ from, to }) => from <= when && when < to);
  return found && `${label} ${t.stages[found.stage]}`;
}

function metricPanel({ type, name, unit, sources }) {
  const lines = sources.map(lineOf).map((line, n, all) => ({ ...line, leads: all.length === 1, name: all.findLastIndex(({ id }) => id === line.id) === n ? line.label : null }));
  const reach = extremes(lines);
  const form = writer(type, unit, reach.low, reach.high);
  const title = metricName(type, name);
  return {
    key: type, title, unit: form.unit, height: HEIGHT, lines, ticks: form.ticks, writeBy: form.writeBy,
    label: `${title}: ${form.write(reach.low)} – ${withUnit(form, reach.high)}`,
    at: (when) => {
      const said = lines.map((line) => [line, valueNear(line, when)]).filter(([, value]) => isNumber(value));
      return said.length ? `${title} ${said.map(([, value]) => withUnit(form, value)).join(" / ")}` : null;
    },
  };
}

function Panel({ view, panel }) {
  const [host, width] = useDrawn(panel, view, (at) => {
    const made = drawPanel(at, panel, view);
    return [made, watchPointers(made.plot, view)];
  });
  return html`
    <figure class="chart">
      <figcaption><h3>${panel.colour && html`<i class="swatch inline" style=${{ color: `var(--${panel.colour})` }} aria-hidden="true"></i>`}${panel.title}${panel.unit && html` <small>${panel.unit}</small>`}</h3></figcaption>
      <${LineNames} lines=${panel.lines} width=${width} />
      <div class="plot" ref=${host} role="img" aria-label=${panel.label}></div>
    </figure>
  `;
}

function Readout({ view, panels }) {
  const at = view.cursor.value;
  const [low, high] = view.span.value;
  const shown = at === null ? null : timeOfDay(at, view.clock.value);
  const values = at === null ? [] : panels.map((panel) => panel.at(at)).filter(Boolean);
  const said = values.join(" · ") || MISSING;
  return html`
    <div class="readout" role="slider" tabindex="0" aria-label=${d.cursor}
      aria-valuemin=${Math.round(low / 1000)} aria-valuemax=${Math.round(high / 1000)} aria-valuenow=${Math.round((at ?? low) / 1000)}
      aria-valuetext=${shown ? `${shown}: ${said}` : d.cursorHint}>
      ${shown ? html`<strong>${shown}</strong> <span>${said}</span>` : html`<span class="hint">${d.help}</span>`}
    </div>
  `;
}

function StageTable({ night }) {
  const { sleep } = night;
  const clockAt = (at) => timeOfDay(at, new Clock([{ at: 0, minutes: offsetMinutes(sleep.utc_offset) ?? 0 }]));
  const rows = stagesOf(night).map(({ from, to, stage }) => [clockAt(from), clockAt(to), t.stages[stage], `${Math.round((to - from) / MINUTE)} min`]);
  return html`
    <details class="rest"><summary>${d.table} <span class="hint">${labelOf(night)}</span></summary>
      <${Table} label=${`${d.table}: ${labelOf(night)}`} head=${d.tableHead} rows=${rows} numeric=${[3]} />
    </details>
  `;
}
