// A plot of points over two axes: how two things go together, or how far two devices are apart.

import uPlot from "uplot";
import { FONT, fontAt, paintWords, place, widest, within } from "../paint.js";
import { scaled } from "../scale.js";
import { colour } from "../theme.js";

const [LEFT, BOTTOM, LABEL, GAP] = [56, 34, 18, 16].map(scaled);

function extent(values, extra = []) {
  const known = [...values, ...extra];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.005, 1e-6);
  return [low - room, high + room];
}

function paintDots(plot, { x, y, hue }) {
  within(plot, (ctx, ratio) => {
    Object.assign(ctx, { fillStyle: hue, globalAlpha: x.length > 300 ? 0.45 : 0.75 });
    x.forEach((at, n) => {
      ctx.beginPath();
      ctx.arc(...place(plot, at, y[n]), 3 * ratio, 0, 2 * Math.PI);
      ctx.fill();
    });
  });
}

/** {at, low, high, name, dashed}: a level with the interval it is known within. */
function paintLevel(plot, level, { ink, band }) {
  const { ctx, bbox } = plot;
  within(plot, (_, ratio) => {
    if (level.low !== undefined) {
      const [top, bottom] = [level.high, level.low].map((at) => plot.valToPos(at, "y", true));
      Object.assign(ctx, { fillStyle: band, globalAlpha: 0.7 });
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    }
    const y = plot.valToPos(level.at, "y", true);
    Object.assign(ctx, { strokeStyle: ink, fillStyle: ink, globalAlpha: 1, lineWidth: ratio });
    ctx.setLineDash(level.dashed ? [5 * ratio, 4 * ratio] : []);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
  });
}

function paintLevelName(plot, level, hues) {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  ctx.save();
  Object.assign(ctx, { font: fontAt(ratio), textAlign: "right", textBaseline: "bottom" });
  paintWords(plot, level.name, bbox.left + bbox.width - 4 * ratio, plot.valToPos(level.at, "y", true) - 2 * ratio, hues);
  ctx.restore();
}

/** `chart` as {x, y, colour, levels, height, axes: {x: {label, ticks, writeBy}, y: …}}. */
export function drawScatter(host, chart) {
  const hues = { ink: colour("ink-2"), line: colour("line"), band: colour("band"), ground: colour("panel"), hue: colour(chart.colour) };
  const levels = chart.levels ?? [];
  const axis = ({ label, ticks, writeBy }, more) => ({
    label,
    labelFont: FONT,
    labelSize: LABEL,
    font: FONT,
    stroke: hues.ink,
    grid: { stroke: hues.line, width: 1 },
    ticks: { show: false },
    splits: (self, n, low, high) => ticks(low, high),
    values: (self, values) => values.map(writeBy(values.length > 1 ? values[1] - values[0] : 1)),
    ...more,
  });
  const spans = [extent(chart.x), extent(chart.y, levels.flatMap(({ at, low = at, high = at }) => [low, high]))];
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: chart.height,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => spans[0] }, y: { range: () => spans[1] } },
      axes: [axis(chart.axes.x, { size: BOTTOM }), axis(chart.axes.y, { size: (self, values) => Math.max(LEFT, widest(values ?? []) + GAP) })],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [
          (self) => {
            for (const level of levels) paintLevel(self, level, hues);
            paintDots(self, { ...chart, hue: hues.hue });
            for (const level of levels) paintLevelName(self, level, hues);
          },
        ],
      },
    },
    [spans[0], [null, null]],
    host,
  );
  return { resize: () => plot.setSize({ width: host.clientWidth, height: chart.height }), destroy: () => plot.destroy() };
}
