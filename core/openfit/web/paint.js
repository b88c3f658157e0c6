// What charts paint on uPlot's canvas beside what it paints itself. Pixels are the canvas's own.

import uPlot from "uplot";
import { scaled } from "./scale.js";

const LABEL_APART = scaled(14); // px
const HALO = 4;
export const fontAt = (ratio) => `${scaled(12) * ratio}px system-ui, sans-serif`;
export const FONT = fontAt(1);

/** Paints in a canvas clipped to the plot. */
export function within({ ctx, bbox }, paint) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, uPlot.pxRatio);
  ctx.restore();
}

export const place = (plot, x, y) => [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];

/** Slanted lines over the whole height between two places: not known, or not there. */
export function hatch(plot, from, to, ink) {
  within(plot, (ctx, ratio) => {
    const { top, height } = plot.bbox;
    const width = Math.max(to - from, 3 * ratio);
    Object.assign(ctx, { strokeStyle: ink, lineWidth: ratio, globalAlpha: 0.5 });
    ctx.beginPath();
    ctx.rect(from, top, width, height);
    ctx.clip();
    ctx.beginPath();
    for (let y = top; y < top + height + width; y += 5 * ratio) {
      ctx.moveTo(from, y);
      ctx.lineTo(from + width, y - width);
    }
    ctx.stroke();
  });
}

/** Names at heights where they do not stand upon each other, as near as can be to where they belong. */
function spread(ends, apart, lowest, highest) {
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  let floor = lowest - apart;
  for (const one of sorted) floor = one.y = Math.max(one.y, floor + apart);
  let ceiling = highest + apart;
  for (const one of sorted.reverse()) ceiling = one.y = Math.min(one.y, ceiling - apart);
  return ends;
}

/** Beside the plot, `ends` as [{y, name, hue}]: each name where its line ends. */
export function paintNames(plot, ends) {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const [top, bottom] = [bbox.top + LABEL_APART * ratio * 0.5, bbox.top + bbox.height];
  spread(ends, LABEL_APART * ratio, top, bottom);
  ctx.save();
  Object.assign(ctx, { font: fontAt(ratio), textBaseline: "middle", textAlign: "left" });
  for (const { y, name, hue } of ends) {
    ctx.fillStyle = hue;
    ctx.fillText(name, bbox.left + bbox.width + 6 * ratio, y);
  }
  ctx.restore();
}

/** Words upon a plot, with a rim of the ground so that lines and dots do not run through them. */
export function paintWords({ ctx }, words, x, y, { ink, ground }) {
  Object.assign(ctx, { strokeStyle: ground, fillStyle: ink, lineWidth: HALO * uPlot.pxRatio, lineJoin: "round" });
  ctx.strokeText(words, x, y);
  ctx.fillText(words, x, y);
}

/** How wide the widest of these names is, in css px. */
export function widest(names) {
  const { ctx } = widest;
  ctx.font = FONT;
  return Math.ceil(Math.max(0, ...names.map((name) => ctx.measureText(name).width)));
}
widest.ctx = document.createElement("canvas").getContext("2d");
