// A hypnogram as a panel of the explorer: steps in stage colours, as opaque as the stage is sure.

import { levelOf } from "../nights.js";
import { place, within } from "../paint.js";
import { scaled } from "../scale.js";
import { colour } from "../theme.js";

const THICK = scaled(7); // px
const [LOWEST, HIGHEST] = [-3.6, 0.6];

function paint(plot, stages) {
  within(plot, (ctx, ratio) => {
    const hues = new Map();
    const hueOf = (stage) => hues.get(stage) ?? (hues.set(stage, colour(`stage-${stage}`)), hues.get(stage));
    let last = null;
    for (const { from, to, stage, probability = 1 } of stages) {
      const [left, y] = place(plot, from, levelOf(stage));
      const right = plot.valToPos(to, "x", true);
      if (last && from - last.to < 1000) {
        Object.assign(ctx, { strokeStyle: colour("mark"), lineWidth: ratio, globalAlpha: 0.7 });
        ctx.beginPath();
        ctx.moveTo(left, last.y);
        ctx.lineTo(left, y);
        ctx.stroke();
      }
      Object.assign(ctx, { fillStyle: hueOf(stage), globalAlpha: 0.25 + 0.75 * probability });
      ctx.fillRect(left, y - (THICK * ratio) / 2, Math.max(right - left, ratio), THICK * ratio);
      ctx.globalAlpha = 0.12 * probability;
      ctx.fillRect(left, y, Math.max(right - left, ratio), plot.bbox.top + plot.bbox.height - y);
      last = { to, y };
    }
    ctx.globalAlpha = 1;
  });
}

/** `stages` as [{from, to, stage, probability}] in ms; `names` by stage. */
export function hypnogramPanel(stages, names) {
  const used = new Set(stages.map(({ stage }) => stage));
  const rows = new Map();
  for (const stage of ["in_bed", "unknown", "asleep", "wake", "rem", "light", "deep"])
    if (used.has(stage)) rows.set(levelOf(stage), names[stage]);
  const levels = [...rows.keys()].sort((a, b) => a - b);
  return {
    height: scaled(130),
    lines: [],
    names: [],
    range: () => [LOWEST, HIGHEST],
    ticks: () => levels,
    writeBy: () => (level) => rows.get(level) ?? "",
    paint: (plot) => paint(plot, stages),
  };
}
