// One metric over time: a readout that a keyboard moves, what happened, the value of each day, and
// the samples of every source, all on one cursor and one zoom.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { isNumber, MISSING } from "../format.js";
import { html } from "../html.js";
import {
  dayAt, daysLine, extremes, holes, leader, lineOf, showsDays, showsSamples, sourceLines, usualRange, valueNear,
} from "../explore/model.js";
import { press, shifted, watchPointers, zoomed } from "../explore/gestures.js";
import { drawPanel } from "../explore/plot.js";
import { instant, spanEnds, withUnit, writer } from "../explore/words.js";
import { isoOf } from "../load.js";
import { scaled } from "../scale.js";
import { part } from "../text.js";
import { palette } from "../theme.js";
import { useWidth } from "../width.js";
import { LineNames } from "./line-names.js";
import { Marks } from "./marks.js";

const t = await part("explorer");
const [ALONE_HEIGHT, DAYS_HEIGHT, SAMPLES_HEIGHT] = [300, 190, 220].map(scaled);
const MOST_BARS = 130; // side by side
const MOST_NOTCHES = 3; // in words; all are drawn

/** Everything that is drawn of a metric, worked out once an answer. */
export function usePicture(explorer, info) {
  const view = explorer.view.value;
  const [clock, hidden, span] = [explorer.clock.value, explorer.hidden.value, explorer.span.value];
  const [first, last] = clock.daysIn(span);
  const [days, samples, bars] = view ? [showsDays(span, view), showsSamples(span, view), last - first < MOST_BARS] : [];
  return useMemo(
    () => view && picture(info, view, clock, explorer.sources.peek(), hidden, { days, samples, bars }),
    [view, clock, hidden, days, samples, bars],
  );
}

function picture(info, view, clock, sources, hidden, shows) {
  const leads = leader(sources);
  const shown = (line) => !hidden.has(line.id);
  const led = (line) => ({ ...line, leads: line.id === leads });
  const days = daysLine(view, clock);
  const own = sourceLines(view.daily, clock).filter(shown).map(led);
  const lines = view.sources.map(lineOf).filter(shown).map(led);
  const reach = extremes([days, ...own, ...lines]) ?? { low: 0, high: 1 };
  const form = writer(info.type, info.unit, reach.low, reach.high);
  const summed = view.daily.fold === "sum";
  const showDays = shows.days && days.t.length > 0;
  const panels = [
    showDays && { key: "days", height: shows.samples ? DAYS_HEIGHT : ALONE_HEIGHT, fromZero: summed, ...daysPanel() },
    shows.samples && lines.length > 0 && { key: "samples", height: SAMPLES_HEIGHT, lines: named(lines), ...formOf(lines) },
  ].filter(Boolean);
  if (panels.length) panels.at(-1).last = true;
  return { view, info, clock, sources, lines, own, days, form, summed, leads, showDays, panels };

  /** What holds on each day, and what every source said of it. */
  function daysPanel() {
    const several = sources.length > 1;
    const held = { ...days, leads: true, dash: 0, colour: several ? "ink" : (sources[0]?.colour ?? "ink") };
    const all = several ? named(own) : [];
    const drawn = summed && shows.bars ? [{ ...held, bars: true, colour: several ? "bars" : held.colour }, ...all] : [...(several ? [] : [held]), ...all];
    const united = several && !summed && days.of.some((id) => id === null) ? [held] : [];
    return { lines: [...drawn, ...united], band: bandOf(), absent: absentOf(), ...formOf([days, ...own]) };
  }

  function bandOf() {
    const { low, high } = usualRange(view.days);
    return low.some((value) => value !== null) ? { t: days.t, low, high } : null;
  }

  function absentOf() {
    return holes(view.days).map(([first, last]) => [clock.dayStart(first), clock.dayStart(last + 1)]);
  }

  function formOf(of) {
    const reached = extremes(of) ?? reach;
    return writer(info.type, info.unit, reached.low, reached.high);
  }
}

/** A source is named where its last line ends. */
const named = (lines) => lines.map((line, n) => ({ ...line, name: lines.findLastIndex(({ id }) => id === line.id) === n ? line.label : null }));

// The charts ---------------------------------------------------------------------------------------

export function Explore({ explorer, shown, children }) {
  return html`
    <div class="panel explore" onKeyDown=${(event) => press(event, explorer)}>
      <${Readout} explorer=${explorer} pictures=${shown} />
      <${Marks} explorer=${explorer} picture=${shown[0]} names=${namesOf(shown)} />
      ${shown.map((one) => html`<${Panels} key=${one.info.type} explorer=${explorer} picture=${one} names=${namesOf(shown)} named=${shown.length > 1} last=${one === shown.at(-1)} />`)}
      <${Buttons} explorer=${explorer} />
      ${children}
      <${Clocks} explorer=${explorer} />
    </div>
  `;
}

/** All panels leave the same room for names, so that they stand one below the other. */
const namesOf = (pictures) => pictures.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines.map(({ name }) => name).filter(Boolean)));

const Panels = ({ explorer, picture: one, names, named, last }) =>
  one.panels.map((panel) => html`<${Panel} key=${panel.key} explorer=${explorer} picture=${one} panel=${{ ...panel, names, last: panel.last && last }} named=${named} />`);

function rangeOf({ lines, write, unit }, span) {
  const found = extremes(lines, span);
  return found ? t.range(write(found.low), `${write(found.high)} ${unit}`.trim()) : t.noRange;
}

function Panel({ explorer, picture: { info, view, clock }, panel, named }) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  const ready = width > 0;
  useEffect(() => {
    if (!ready) return undefined;
    drawn.current = drawPanel(host.current, panel, explorer);
    const stop = watchPointers(drawn.current.plot, explorer);
    return () => {
      stop();
      drawn.current.destroy();
      drawn.current = null;
    };
  }, [panel.lines, panel.last, panel.names.join(), palette.value, ready, clock]);
  useEffect(() => drawn.current?.resize(), [width]);
  useSignalEffect(() => {
    void explorer.span.value;
    drawn.current?.refresh();
  });
  useSignalEffect(() => drawn.current?.follow(explorer.cursor.value));
  const title = panel.key === "days" ? t.panels.days : t.panels.samples;
  const said = panel.key === "days" ? "" : t.resolution[resolutionOf(view)];
  return html`
    <figure class="chart">
      <figcaption>
        <h2>${named ? `${info.shown}, ${title}` : title} <small>${[panel.unit, said].filter(Boolean).join(", ")}</small></h2>
      </figcaption>
      <${LineNames} lines=${panel.lines} width=${width} />
      <div class="plot" ref=${host} role="img" aria-label=${t.chart(`${info.shown}, ${title}`, rangeOf(panel, explorer.span.value))}></div>
    </figure>
  `;
}

/** The hub says it for the whole; where every source is of activities, it is theirs. */
function resolutionOf({ sources, resolution }) {
  const own = new Set(sources.map((one) => one.resolution));
  return own.size === 1 ? [...own][0] : resolution;
}

// Where the cursor is ------------------------------------------------------------------------------

function valuesAt({ view, clock, form, lines, own, sources, showDays, info }, at, named) {
  const day = showDays && dayAt(view, clock, at);
  const found = day ? [t.ofDay(withUnit(form, day.value))] : [];
  for (const source of sources) {
    const near = (lines.length ? lines : own).filter(({ id }) => id === source.id);
    const value = near.map((line) => valueNear(line, at)).find(isNumber);
    if (isNumber(value)) found.push(`${source.label} ${withUnit(form, value)}`);
  }
  const said = found.join(" · ") || MISSING;
  return named ? `${info.shown}: ${said}` : said;
}

function Readout({ explorer, pictures }) {
  const [at, clock] = [explorer.cursor.value, explorer.clock.value];
  const [low, high] = explorer.span.value;
  const shown = at === null ? null : instant(at, clock, high - low);
  const values = at === null ? [] : pictures.map((one) => valuesAt(one, at, pictures.length > 1));
  return html`
    <div
      class="readout"
      role="slider"
      tabindex="0"
      aria-label=${t.cursor}
      aria-valuemin=${Math.round(low / 1000)}
      aria-valuemax=${Math.round(high / 1000)}
      aria-valuenow=${Math.round((at ?? low) / 1000)}
      aria-valuetext=${shown ? `${shown}: ${values.join("; ")}` : t.cursorHint}
    >
      ${shown ? html`<strong>${shown}</strong>${values.map((one) => html`<span>${one}</span>`)}` : html`<span class="hint">${t.help}</span>`}
    </div>
  `;
}

/** What keys and fingers do, for those who have a mouse without a wheel and no keyboard at hand. */
function Buttons({ explorer }) {
  const span = explorer.span.value;
  const [low, high] = span;
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  const way = [
    ["earlier", () => explorer.zoomTo(shifted(span, -half))],
    ["closer", () => explorer.zoomTo(zoomed(span, middle, 0.5))],
    ["wider", () => explorer.zoomTo(zoomed(span, middle, 2))],
    ["later", () => explorer.zoomTo(shifted(span, half))],
  ];
  return html`<p class="buttons ways">${way.map(([name, go]) => html`<button class="quiet" onClick=${go}>${t[name]}</button>`)}</p>`;
}

function Clocks({ explorer }) {
  const [clock, [low, high]] = [explorer.clock.value, explorer.span.value];
  const notches = clock.notches(low, high);
  if (!notches.length) return html`<p class="hint">${t.zone(clock.offsetAt(low))}</p>`;
  const said = notches.slice(-MOST_NOTCHES).map(({ at, from, to }) => t.changed(instant(at, clock, high - low), from, to));
  return html`<p class="hint">${t.zones(said.join("; "))}</p>`;
}

// Sources ------------------------------------------------------------------------------------------

/** Each source with its hue, how many of the days in view have its value, and whether it is drawn. */
export function Sources({ explorer, view }) {
  const [first, last] = explorer.clock.value.daysIn(explorer.span.value).map(isoOf);
  const days = view.days.filter(({ day }) => day >= first && day <= last);
  const won = (id) => days.filter((one) => one.source_id === id).length;
  const hidden = explorer.hidden.value;
  if (!explorer.sources.value.length) return null;
  return html`
    <fieldset class="sources">
      <legend>${t.sources}</legend>
      ${explorer.sources.value.map(
        (one) => html`
          <label key=${one.id}>
            <input type="checkbox" checked=${!hidden.has(one.id)} onChange=${() => explorer.toggle(one.id)} />
            <i class="swatch" style=${{ color: `var(--${one.colour})` }} aria-hidden="true"></i>
            <span>${one.label}${won(one.id) > 0 && html` <small>${t.leads(won(one.id), days.length)}</small>`}</span>
          </label>
        `,
      )}
    </fieldset>
  `;
}

// Words --------------------------------------------------------------------------------------------

/** The answer in one line: over the days that are looked at, else over the samples. */
export function answerOf({ days, lines, form, summed, showDays }, span) {
  const found = (showDays && extremes([days], span)) || extremes(lines, span);
  if (!found) return null;
  if (found.n === 1) return t.answerOne(withUnit(form, found.mean));
  const [mean, high] = [found.mean, found.high].map((value) => withUnit(form, value));
  return (summed && showDays ? t.answerSum : t.answer)(mean, form.write(found.low), high);
}

export function whenOf(span, clock) {
  const [first, last] = spanEnds(span, clock);
  return first === last ? first : t.from(first, last);
}

export function coverageOf({ view, clock }, span) {
  const [first, last] = clock.daysIn(span);
  const all = last - first + 1;
  const n = view.days.filter(({ day }) => day >= isoOf(first) && day <= isoOf(last)).length;
  return all > 2 && n > 0 ? t.daysOf(n, all) : "";
}
