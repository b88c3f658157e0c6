// uPlot charts of a course: one a metric, with one cursor and one zoom for all.

import uPlot from "uplot";
import { clock, clockSeconds, duration, offsetMinutes } from "./format.js";
import { FONT } from "./paint.js";
import { scaled } from "./scale.js";
import { withGaps } from "./series.js";
import { colour } from "./theme.js";
import { lengths } from "./units.js";

const [HEIGHT, AXIS_HEIGHT, LEFT] = [150, 44, 56].map(scaled);
const MINUTE = 60;
const DAY = 86_400;
const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10800,
  21600,
  43200,
  DAY,
];
const SHORTEST_ZOOM_MS = 5000;

function tickText(course, step) {
  if (course.axis.value === "distance") return (x) => String(Math.round(x * 100) / 100);
  if (course.axis.value === "elapsed") return duration;
  const write = step < MINUTE ? clockSeconds : clock;
  return (x) => write(course.start + x * 1000, course.offset);
}

function timeSplits(course) {
  return (plot, axis, low, high, step) => {
    const local = course.start / 1000 + (offsetMinutes(course.offset) ?? 0) * MINUTE;
    const begin = course.axis.value === "time" ? local % DAY : 0;
    const first = Math.ceil((low + begin) / step) * step - begin;
    const ticks = [];
    for (let x = first; x <= high; x += step) ticks.push(x);
    return ticks;
  };
}

function bottomAxis(course, shown, ink) {
  const time = course.axis.value !== "distance";
  return {
    show: shown,
    size: AXIS_HEIGHT,
    space: scaled(64),
    font: FONT,
    labelFont: FONT,
    stroke: ink,
    grid: { show: false },
    ticks: { stroke: ink, width: 1, size: 4 },
    ...(time ? { incrs: STEPS, splits: timeSplits(course) } : { label: lengths().far.unit, labelSize: scaled(14) }),
    values: (plot, ticks, axis, space, step) => ticks.map(tickText(course, step)),
  };
}

function sideAxis(chart, ink, line) {
  return {
    size: LEFT,
    space: scaled(34),
    font: FONT,
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    ...(chart.ticks && { splits: (plot, axis, low, high) => chart.ticks(low, high) }),
    values: (plot, ticks) => ticks.map((value) => chart.write(value)),
  };
}

/** Slow is at the bottom and standing still does not squeeze the rest: a pace has no upper end. */
function range(chart) {
  return (plot, low, high) => {
    const room = Math.max((high - low) * 0.08, chart.metric === "altitude" ? 5 : 0.01);
    const from = chart.metric === "altitude" || low < 0 ? low - room : Math.max(0, low - room);
    return [from, high + room];
  };
}

function columnsOf(course, found, pauses) {
  if (!found?.t.length) return [[], []];
  const { t, v } = withGaps(found.t, found.v, pauses);
  return [t.map((at) => course.toAxis(at)), v];
}

/** The activity's own samples, and those of a twin that is laid over them. */
function columns(course, chart) {
  const own = columnsOf(course, course.samples.value?.get(chart.metric), course.pauses);
  const other = columnsOf(course, course.twin.value?.samples.get(chart.metric));
  return other[0].length ? uPlot.join([own, other]) : [...own, own[1].map(() => null)];
}

/** A chart in `host`. It follows the course's cursor and moves it. */
export function drawChart(host, course, chart, last) {
  const [ink, line, hue] = [colour("ink-2"), colour("line"), colour(`series-${chart.colour}`)];
  let following = false;
  const point = (plot) => {
    if (following || plot.cursor.left < 0) return;
    course.cursor.value = course.fromAxis(plot.posToVal(plot.cursor.left, "x"));
  };
  const select = (plot) => {
    if (plot.select.width < 4) return;
    const at = (left) => course.fromAxis(plot.posToVal(left, "x"));
    const span = [at(plot.select.left), at(plot.select.left + plot.select.width)];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (span[1] - span[0] > SHORTEST_ZOOM_MS) course.zoom.value = span;
  };
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: HEIGHT + (last ? AXIS_HEIGHT : 0),
      padding: [8, 8, last ? 0 : 8, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: (self, n) => (n === 1 ? 7 : 0), fill: hue },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => ((course.zoom.value = null), null),
          mouseleave: () => () => ((course.cursor.value = null), null),
        },
      },
      scales: {
        x: { time: false, range: () => course.extent.value.map((at) => course.toAxis(at)) },
        y: { range: range(chart) },
      },
      axes: [bottomAxis(course, last, ink), sideAxis(chart, ink, line)],
      series: [
        {},
        { stroke: hue, width: 1.5, spanGaps: false, points: { show: false } },
        { stroke: ink, width: 1, dash: [5, 4], spanGaps: false, points: { show: false } },
      ],
      hooks: { setCursor: [point], setSelect: [select] },
    },
    columns(course, chart),
    host,
  );
  return {
    refresh: () => plot.setData(columns(course, chart)),
    resize: () => plot.setSize({ width: host.clientWidth, height: plot.height }),
    follow: (at) => {
      following = true;
      const left = at === null ? -10 : plot.valToPos(course.toAxis(at), "x");
      plot.setCursor({ left, top: at === null ? -10 : HEIGHT / 2 });
      following = false;
    },
    destroy: () => plot.destroy(),
  };
}
