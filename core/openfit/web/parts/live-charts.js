// The last minutes of a device that is watched: its heart rate as a line, each beat as a dot.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { extremes } from "../explore/model.js";
import { drawPanel } from "../explore/plot.js";
import { withUnit, writer } from "../explore/words.js";
import { html } from "../html.js";
import { place, within } from "../paint.js";
import { scaled } from "../scale.js";
import { part } from "../text.js";
import { colour, palette } from "../theme.js";
import { useWidth } from "../width.js";

const t = (await part("acting")).live;
const [TALL, LOW] = [220, 150].map(scaled);
const GAP = 6000;
export const HEART = { ...writer("heart_rate", "/min", 40, 180), usual: [50, 100] };
const BEATS = { ...writer("rr_interval", "ms", 400, 1600), usual: [600, 1200] };

/** As high and low as what is seen, and never so near that noise looks like news. */
function reach(column, [low, high], least) {
  if (!column.v.length) return [low, high];
  const [lowest, highest] = [Math.min(...column.v), Math.max(...column.v)];
  const room = Math.max((highest - lowest) * 0.15, (least - (highest - lowest)) / 2);
  return [Math.max(0, lowest - room), highest + room];
}

function panelsOf({ heart, beats }) {
  const line = { t: heart.t, v: heart.v, gap: GAP, colour: "series-heart_rate", leads: true, dash: 0, name: null };
  const common = { names: [], band: null };
  return [
    { ...common, ...HEART, key: "heart", title: t.heart, height: TALL, lines: [line], range: () => reach(heart, HEART.usual, 20) },
    { ...common, ...BEATS, key: "beats", title: t.beats, height: LOW, lines: [], last: true, range: () => reach(beats, BEATS.usual, 200), dots: beats },
  ];
}

function paintDots(plot, { t: when, v }, hue) {
  within(plot, (ctx, ratio) => {
    ctx.fillStyle = hue;
    when.forEach((at, n) => {
      ctx.beginPath();
      ctx.arc(...place(plot, at, v[n]), 2.5 * ratio, 0, 2 * Math.PI);
      ctx.fill();
    });
  });
}

export function LiveCharts({ watch }) {
  const panels = useMemo(() => panelsOf(watch), []);
  return html`
    <div class="panel explore">
      ${panels.map((panel) => html`<${Panel} key=${panel.key} watch=${watch} panel=${panel} />`)}
      <${Summary} watch=${watch} />
    </div>
  `;
}

function Panel({ watch, panel }) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  useEffect(() => {
    if (!width) return undefined;
    const hue = colour("series-heart_rate");
    const paint = panel.dots && ((plot) => paintDots(plot, panel.dots, hue));
    drawn.current = drawPanel(host.current, { ...panel, paint }, watch);
    return () => {
      drawn.current.destroy();
      drawn.current = null;
    };
  }, [palette.value, width > 0]);
  useEffect(() => drawn.current?.resize(), [width]);
  useSignalEffect(() => {
    void watch.span.value;
    drawn.current?.refresh();
  });
  return html`
    <figure class="chart">
      <figcaption><h2>${panel.title} <small>${panel.unit}</small></h2></figcaption>
      <div class="plot" ref=${host} role="img" aria-label=${panel.title}></div>
    </figure>
  `;
}

/** The same in words, for whoever does not see it. */
function Summary({ watch }) {
  void watch.span.value;
  const found = extremes([watch.heart]);
  const said = found && t.window(withUnit(HEART, found.low), withUnit(HEART, found.high), t.beatsCount(watch.beats.t.length));
  return html`<p class="hint summary">${said ?? t.nothing}</p>`;
}
