// uPlot charts of training load: one cursor for all. What is less sure is paler, what is not
// known is hatched or left out; nothing is drawn across.

import uPlot from "uplot";
import { number } from "./format.js";
import { dayMarks, markText } from "./load.js";
import { FONT, hatch, paintNames, place, within } from "./paint.js";
import { scaled } from "./scale.js";
import { colour } from "./theme.js";

const [LEFT, RIGHT, AXIS_HEIGHT] = [40, 72, 30].map(scaled);
const PALE = [
  [0.75, 1],
  [0.5, 0.65],
  [0, 0.4],
]; // from a confidence on: how opaque
const BAR = 0.7; // of a day

const opacity = (confidence) => PALE.find(([from]) => confidence >= from)[1];

function paintBars(plot, { x, hue, figure }) {
  within(plot, (ctx, ratio) => {
    const [left, right] = [plot.valToPos(0, "x", true), plot.valToPos(1, "x", true)];
    const width = Math.max(ratio, (right - left) * BAR);
    ctx.fillStyle = hue;
    figure.values.forEach((value, n) => {
      if (!value) return;
      const [at, top] = place(plot, x[n], value);
      ctx.globalAlpha = opacity(figure.confidence[n]);
      ctx.fillRect(at - width / 2, top, width, plot.valToPos(0, "y", true) - top);
    });
  });
}

function paintLine(plot, { x, hue, figure }) {
  const values = figure.values;
  within(plot, (ctx, ratio) => {
    Object.assign(ctx, { strokeStyle: hue, lineWidth: 2 * ratio, lineJoin: "round" });
    let [shade, drawn] = [0, -1]; // how opaque the stroke at hand is, and the day it has reached
    for (let n = 1; n < x.length; n++) {
      if (values[n - 1] === null || values[n] === null || x[n] - x[n - 1] > 1) continue;
      const wanted = opacity(Math.min(figure.confidence[n - 1], figure.confidence[n]));
      if (wanted !== shade || drawn !== n - 1) {
        if (drawn >= 0) ctx.stroke();
        shade = ctx.globalAlpha = wanted;
        ctx.beginPath();
        ctx.moveTo(...place(plot, x[n - 1], values[n - 1]));
      }
      ctx.lineTo(...place(plot, x[n], values[n]));
      drawn = n;
    }
    if (drawn >= 0) ctx.stroke();
  });
}

/** Days of unknown load: slanted lines over the whole height. */
function paintUnknown(plot, { unknown, ink }) {
  for (const day of unknown) {
    const [left, right] = [day - BAR / 2, day + BAR / 2].map((at) => plot.valToPos(at, "x", true));
    hatch(plot, left, right, ink);
  }
}

/** Names stand where lines end. */
function endsOf(plot, lines) {
  return lines
    .map((one) => ({ ...one, n: one.figure.values.findLastIndex((value) => value !== null) }))
    .filter(({ name, n }) => name && n >= 0)
    .map(({ x, n, figure, name, hue }) => ({ name, hue, y: place(plot, x[n], figure.values[n])[1] }));
}

const reach = (chart) => {
  const known = chart.lines.flatMap(({ figure }) => figure.values.filter((value) => value !== null));
  return [Math.min(0, ...known), Math.max(10, ...known)];
};

/** A chart in `host`: {lines: [{figure, colour, name, bars}], height, last}. */
export function drawLoad(host, model, chart, cursor) {
  const { x, unknown } = model;
  const [ink, grid] = [colour("ink-2"), colour("line")];
  const lines = chart.lines.map((one) => ({ ...one, x, hue: colour(one.colour) }));
  const [low, high] = reach(chart);
  let following = false;
  const moved = (plot) => {
    if (following || plot.cursor.left < 0) return;
    cursor.value = Math.round(plot.posToVal(plot.cursor.left, "x"));
  };
  const paint = (plot) => {
    paintUnknown(plot, { unknown, ink });
    for (const one of lines) (one.bars ? paintBars : paintLine)(plot, one);
    paintNames(plot, endsOf(plot, lines));
  };
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: chart.height + (chart.last ? AXIS_HEIGHT : 0),
      padding: [8, RIGHT, chart.last ? 0 : 8, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: false, y: false },
        bind: { mouseleave: () => () => ((cursor.value = null), null) },
      },
      scales: {
        x: { time: false, range: () => model.span },
        y: { range: () => [low < 0 ? low * 1.1 : 0, high * 1.08] },
      },
      axes: [
        {
          show: Boolean(chart.last),
          size: AXIS_HEIGHT,
          font: FONT,
          stroke: ink,
          grid: { show: false },
          ticks: { stroke: ink, width: 1, size: 4 },
          splits: (self) => dayMarks(...model.span, self.bbox.width / uPlot.pxRatio),
          values: (self, marks) => markText(marks),
        },
        {
          size: LEFT,
          space: scaled(30),
          font: FONT,
          stroke: ink,
          grid: { stroke: grid, width: 1 },
          ticks: { show: false },
          values: (self, marks) => marks.map((value) => number(value).replace("-", "−")),
        },
      ],
      series: [{}, ...lines.map(() => ({ paths: () => null, points: { show: false } }))],
      hooks: { setCursor: [moved], draw: [paint] },
    },
    [x, ...lines.map(({ figure }) => figure.values)],
    host,
  );
  return {
    resize: () => plot.setSize({ width: host.clientWidth, height: plot.height }),
    follow: (day) => {
      following = true;
      const left = day === null ? -10 : plot.valToPos(day, "x");
      plot.setCursor({ left, top: day === null ? -10 : 10 });
      following = false;
    },
    destroy: () => plot.destroy(),
  };
}
