// A metric at a glance: value, four weeks of it with the wearer's own band, how it compares, how
// sure it is, and what measured it. The whole tile is the link.

import { html } from "../html.js";
import { useRows } from "../rows.js";
import { isNumber, MISSING, plainDay, shortMetric } from "../format.js";
import { part } from "../text.js";
import { withUnit } from "../tile-words.js";

const t = await part("today");
const SEGMENTS = 4;
const [WIDTH, HEIGHT, EDGE] = [160, 36, 3];
const TILE = { narrowest: 15.5, least: 9.5, gap: 1 }; // rem

/** Four segments, as in all of the app. */
export function Confidence({ share }) {
  const full = Math.round(share * SEGMENTS);
  const said = t.sure(share);
  return html`
    <span class="sureness" role="img" aria-label=${said} title=${said}>
      ${[...Array(SEGMENTS).keys()].map((n) => html`<i class=${n < full ? "full" : ""}></i>`)}
    </span>
  `;
}

/** Runs of days without a gap, as points of polylines; a day alone is a run of one. */
export function runs(values, x, y) {
  const found = [];
  let open = null;
  values.forEach((value, n) => {
    if (!isNumber(value)) {
      open = null;
      return;
    }
    if (!open) found.push((open = []));
    open.push([x(n), y(value)]);
  });
  return found;
}

function Sparkline({ values, band, label }) {
  const known = values.filter(isNumber);
  if (known.length < 2) return html`<span class="spark"></span>`;
  const reach = band ? [...known, band.low, band.high] : known;
  const [low, high] = [Math.min(...reach), Math.max(...reach)];
  const y = (value) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE);
  const x = (n) => EDGE + (n / (values.length - 1)) * (WIDTH - 2 * EDGE);
  const last = values.findLastIndex(isNumber);
  const point = ([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`;
  return html`
    <svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
      ${band && html`<rect class="band" x="0" width=${WIDTH} y=${y(band.high)} height=${Math.max(1, y(band.low) - y(band.high))} />`}
      ${runs(values, x, y).map((run) =>
        run.length > 1
          ? html`<polyline points=${run.map(point).join(" ")} />`
          : html`<polyline class="alone" points="${point(run[0])} ${point([run[0][0] + 0.1, run[0][1]])}" />`,
      )}
      <polyline class="last" points="${point([x(last), y(values[last])])} ${point([x(last) + 0.1, y(values[last])])}" />
    </svg>
  `;
}

export function MetricTiles({ tiles }) {
  const [host, sizes] = useRows(tiles.length, TILE);
  return html`
    <div class="metric-tiles" ref=${host}>
      ${tiles.map((tile, n) => html`<${MetricTile} key=${tile.type} tile=${tile} row=${sizes[n]} href="/metrics/${tile.type}" />`)}
    </div>
  `;
}

function MetricTile({ tile, row, href }) {
  const { type, name, unit, value, values, band, method, device } = tile;
  const known = isNumber(value);
  const written = known ? withUnit(type, value, unit) : { value: MISSING, unit: "" };
  const title = shortMetric(type, name);
  return html`
    <a class="metric-tile ${known ? "" : "missing"}" href=${href} data-metric=${type} style=${{ "--row": row }}>
      <span class="label">${title}</span>
      <span class="main"><span class="figure">${written.value}</span>${written.unit && html` <small>${written.unit}</small>`}</span>
      <${Sparkline} values=${values} band=${band} label=${t.course(title)} />
      <span class="said">${known ? compared(tile) : missing(tile)}</span>
      <span class="origin">${[known && (t.methods[method] ?? method), device].filter(Boolean).join(" · ")}</span>
    </a>
  `;
}

/** Against the middle half of the wearer's own four weeks, in words. */
export function compared({ type, unit, band, position, partial }) {
  if (partial) return band ? t.soFar(one(type, band.median, unit)) : t.soFarAlone;
  if (!band || !position) return t.noBand;
  const ends = [band.low, band.high].map((end) => withUnit(type, end, unit));
  return t.against[position](t.range(ends[0].value, ends[1].value, ends[1].unit));
}

export const missing = ({ type, unit, last }) => t.nothingYet(one(type, last.value, unit), plainDay(last.day));

function one(type, value, unit) {
  const written = withUnit(type, value, unit);
  return [written.value, written.unit].filter(Boolean).join(" ");
}
