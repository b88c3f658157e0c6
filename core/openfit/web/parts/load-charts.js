// Load, fitness and fatigue, form: three charts under one readout that a keyboard moves as well.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { signal, useSignalEffect } from "@preact/signals";
import { day as dayName, isNumber, MISSING, number } from "../format.js";
import { html } from "../html.js";
import { unknownDays } from "../load.js";
import { drawLoad } from "../load-chart.js";
import { signed } from "../results.js";
import { text } from "../text-training.js";
import { palette } from "../theme.js";
import { useWidth } from "../width.js";
import { Table } from "./table.js";

const t = text.training;
const names = text.result.names;
const MOST_ROWS = 120;
const SURE = 0.75;
const FEWEST_DAYS = 14; // a chart of two days would be two walls

function modelOf({ days, x, figures }) {
  const last = x.at(-1) + 0.5;
  return {
    days,
    x,
    figures,
    unknown: unknownDays({ x, figures }),
    span: [Math.min(x[0] - 0.5, last - FEWEST_DAYS), last],
  };
}

function chartsOf({ figures: { daily_load: daily, chronic_load: chronic, acute_load: acute, training_balance: form } }) {
  const line = (figure, colour, name) => figure && { figure, colour, name };
  return [
    { key: "daily", title: t.daily, mark: "load-daily", height: 110,
      lines: [daily && { figure: daily, colour: "load-daily", bars: true }] },
    { key: "lines", title: t.lines, mark: "load-fitness", height: 180,
      lines: [line(chronic, "load-fitness", names.chronic_load), line(acute, "load-fatigue", names.acute_load)] },
    { key: "form", title: t.balance, mark: "load-form", height: 110, last: true,
      lines: [line(form, "load-form", names.training_balance)] },
  ].map((chart) => ({ ...chart, lines: chart.lines.filter(Boolean) }));
}

export function LoadCharts({ load }) {
  const model = useMemo(() => modelOf(load), [load]);
  const cursor = useMemo(() => signal(null), [load]);
  const pale = Object.values(model.figures).some((one) => one.confidence.some((c) => c && c < SURE));
  return html`
    <div class="panel load-charts" onKeyDown=${(event) => press(event, model, cursor)}>
      <${Readout} model=${model} cursor=${cursor} />
      ${chartsOf(model).map((chart) => html`<${Chart} key=${chart.key} model=${model} chart=${chart} cursor=${cursor} />`)}
      <p class="hint">
        ${[pale && t.pale, model.unknown.length > 0 && t.hatched, t.note].filter(Boolean).join(" ")}
      </p>
    </div>
    <${DayTable} model=${model} />
  `;
}

function dayText(model, day) {
  const n = model.x.indexOf(day);
  if (n < 0) return MISSING;
  return ["daily_load", "chronic_load", "acute_load", "training_balance"]
    .map((id) => `${names[id]} ${figureText(model.figures[id], n)}`)
    .join(" · ");
}

function figureText(figure, n) {
  const value = figure?.values[n];
  if (!isNumber(value)) return figure?.id === "daily_load" ? t.unknown : MISSING;
  return figure.id === "training_balance" ? signed(value) : number(value);
}

function Readout({ model, cursor }) {
  const day = cursor.value;
  const n = day === null ? -1 : model.x.indexOf(day);
  const shown = n >= 0 ? dayName(model.days[n]) : null;
  return html`
    <div
      class="readout"
      role="slider"
      tabindex="0"
      aria-label=${t.cursor}
      aria-valuemin=${model.x[0]}
      aria-valuemax=${model.x.at(-1)}
      aria-valuenow=${day ?? model.x.at(-1)}
      aria-valuetext=${shown ? `${shown}: ${dayText(model, day)}` : t.hint}
    >
      ${shown ? html`<strong>${shown}</strong> ${dayText(model, day)}` : html`<span class="hint">${t.prompt}</span>`}
    </div>
  `;
}

function Chart({ model, chart, cursor }) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  useEffect(() => {
    drawn.current = drawLoad(host.current, model, chart, cursor);
    return () => {
      drawn.current.destroy();
      drawn.current = null;
    };
  }, [model, palette.value]);
  useEffect(() => drawn.current?.resize(), [width]);
  useSignalEffect(() => drawn.current?.follow(cursor.value));
  const known = chart.lines.flatMap(({ figure }) => figure.values.filter(isNumber));
  const range = t.chart(chart.title, number(Math.min(...known)), number(Math.max(...known)));
  return html`
    <figure class="chart">
      <figcaption><h3 class=${chart.mark}>${chart.title}</h3></figcaption>
      <div class="plot" ref=${host} role="img" aria-label=${known.length ? range : chart.title}></div>
    </figure>
  `;
}

function DayTable({ model }) {
  const [open, setOpen] = useState(false);
  const last = model.days.length - 1;
  const rows = [...Array(Math.min(last + 1, MOST_ROWS)).keys()].map((n) => rowOf(model, last - n));
  return html`
    <details class="rest" onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t.table}</summary>
      ${
        open &&
        html`<${Table} label=${t.table} head=${t.tableHead} rows=${rows} numeric=${[1, 2, 3, 4, 5]} />
        ${last >= MOST_ROWS && html`<p class="hint">${t.tableCut(MOST_ROWS)}</p>`}`
      }
    </details>
  `;
}

function rowOf(model, n) {
  const { daily_load: daily, acute_load: acute, chronic_load: chronic, training_balance: form } = model.figures;
  const sure = chronic?.confidence[n] ?? 0;
  const load = daily?.values[n] === 0 ? t.rest : figureText(daily, n);
  return [
    dayName(model.days[n]), load, figureText(acute, n), figureText(chronic, n), figureText(form, n),
    sure ? `${number(100 * sure)} %` : MISSING,
  ];
}

function press(event, { x }, cursor) {
  const step = event.shiftKey ? 7 : 1;
  const from = cursor.value ?? x.at(-1) + 1;
  const moves = { ArrowRight: from + step, ArrowLeft: from - step, Home: x[0], End: x.at(-1) };
  if (event.key === "Escape") cursor.value = null;
  else if (event.key in moves) cursor.value = Math.min(x.at(-1), Math.max(x[0], moves[event.key]));
  else return;
  event.preventDefault();
}
