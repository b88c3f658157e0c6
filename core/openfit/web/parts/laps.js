// What the device cut the activity into: laps, pauses, pool lengths, sets, zones.

import { clockSeconds, distance, duration, height, measure, MISSING, number, words } from "../format.js";
import { html } from "../html.js";
import { part, text } from "../text.js";
import { within } from "../text/language.js";
import { speedName, writeSpeed, cadenceFactor, cadenceUnit } from "../totals.js";
import { lengths } from "../units.js";
import { Table } from "./table.js";

const { laps: t } = await part("activity");
const own = await part("activity");
const MOST_OPEN = 40;
const ABOUT_ONE = 0.9; // kilometre or mile
const sum = (values) => values.reduce((total, value) => total + value, 0);
const seconds = (part) => part.end && (Date.parse(part.end) - Date.parse(part.start)) / 1000;

/** One unit for the whole column, so that it can be compared downwards. */
function lapDistance(laps) {
  const longest = Math.max(...laps.map((lap) => lap.totals?.distance ?? 0));
  const { far } = lengths();
  if (longest < ABOUT_ONE * far.metres) return (metres) => distance(metres);
  return (metres) => `${number(metres / far.metres, 2)} ${far.unit}`;
}

/** Columns that no lap has a value for are left out. */
function lapColumns(activity) {
  const { sport } = activity;
  const speed = writeSpeed(sport);
  const total = (field, write) => (lap) =>
    lap.totals?.[field] === undefined ? null : write(lap.totals[field]);
  const time = (lap) => lap.totals?.timer_seconds ?? lap.totals?.elapsed_seconds ?? seconds(lap);
  return [
    [t.head.start, (lap) => clockSeconds(Date.parse(lap.start), activity.utc_offset)],
    [t.head.time, (lap) => duration(time(lap))],
    [t.head.distance, total("distance", lapDistance(activity.laps))],
    [`${speedName(sport)}, ${speed(1).unit}`, total("avg_speed", (value) => speed(value).value)],
    [t.head.ascent, total("ascent", (value) => height(value))],
    [t.head.heartRate, total("avg_heart_rate", number)],
    [t.head.power, total("avg_power", (value) => `${number(value)} W`)],
    [
      `${t.head.cadence}, ${cadenceUnit(sport)}`,
      total("avg_cadence", (value) => number(value * cadenceFactor(sport))),
    ],
    [t.head.trigger, (lap) => (lap.trigger ? words(lap.trigger) : null)],
  ].filter(([, write]) => activity.laps.some((lap) => write(lap) !== null));
}

/** The lap's number, which shows it in the charts. */
function LapGo({ lap, n, course }) {
  const [from, to] = [lap.start, lap.end].map((at) => Date.parse(at) - course.start);
  if (!(to > from)) return lap.name ?? n + 1;
  const show = () => (course.zoom.value = [from, to]);
  return html`<button class="quiet lap-go" aria-label=${own.lap(n + 1)} onClick=${show}>${lap.name ?? n + 1}</button>`;
}

function Laps({ activity, course }) {
  if (!(activity.laps?.length > 1)) return null;
  const columns = lapColumns(activity);
  const rows = activity.laps.map((lap, n) => [
    html`<${LapGo} lap=${lap} n=${n} course=${course} />`,
    ...columns.map(([, write]) => write(lap) ?? MISSING),
  ]);
  const head = [t.head.lap, ...columns.map(([name]) => name)];
  return html`<${Part} title=${t.title} head=${head} rows=${rows} />`;
}

/** A long table waits behind a line that says how long it is. */
function Part({ title, head, rows, note }) {
  const numeric = head.map((name, n) => n);
  const table = html`<${Table} label=${title} head=${head} rows=${rows} numeric=${numeric} />`;
  return html`
    <section>
      <h2>${title}</h2>
      ${note && html`<p class="hint">${note}</p>`}
      ${
        rows.length <= MOST_OPEN
          ? table
          : html`<details><summary>${t.rows(rows.length)}</summary>${table}</details>`
      }
    </section>
  `;
}

export function Parts({ activity, course }) {
  const { pauses = [], lengths = [], sets = [], zones = [], pool_length: pool } = activity;
  const at = (instant) => clockSeconds(Date.parse(instant), activity.utc_offset);
  const pause = (one) => [at(one.start), at(one.end), duration(seconds(one))];
  const length = (one, n) => [
    n + 1, at(one.start), duration(one.seconds),
    one.active === false ? t.rest : words(one.stroke) || MISSING, one.strokes ?? MISSING,
  ];
  const set = (one, n) => [
    n + 1, one.active === false ? t.rest : words(one.exercise) || MISSING, one.repetitions ?? MISSING,
    one.weight === undefined ? MISSING : measure(one.weight, "kg", 1), duration(one.seconds),
  ];
  const zone = (zones) => (spent, n) => [
    t.zone(n + 1),
    zones.bounds?.[n] === undefined ? MISSING : t.from(number(zones.bounds[n])),
    duration(spent),
  ];
  return html`
    <${Laps} activity=${activity} course=${course} />
    ${
      lengths.length > 0 &&
      html`<${Part} title=${t.lengths} head=${t.lengthHead} rows=${lengths.map(length)} note=${pool && t.pool(measure(pool, "m"))} />`
    }
    ${sets.length > 0 && html`<${Part} title=${t.sets} head=${t.setHead} rows=${sets.map(set)} />`}
    ${zones.map(
      (one) => html`<${Part} title=${t.zones(within(words(one.type)))} head=${t.zoneHead}
        rows=${one.seconds.map(zone(one))} />`,
    )}
    ${
      pauses.length > 0 &&
      html`<details class="rest">
      <summary>${t.pausesSum(pauses.length, duration(sum(pauses.map(seconds))))}</summary>
      <${Table} label=${t.pauses} head=${t.pauseHead} rows=${pauses.map(pause)} numeric=${[1, 2]} />
    </details>`
    }
  `;
}
