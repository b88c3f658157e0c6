// Activities on a calendar: a year at a glance, and a month whose days lead to the list.

import * as api from "../api.js";
import { monthEnds, monthOf, shiftMonth, weekdayNames, weeksOf, yearGrid, yearOf } from "../calendar.js";
import { day as dayName, distance, duration, month as monthName, monthName as shortMonth, words } from "../format.js";
import { html } from "../html.js";
import { Icon, SportIcon } from "../icons.js";
import { useLoaded } from "../loading.js";
import { addressOf, ask, asked } from "../query.js";
import { groupOf, shapeOf, SPORT_GROUPS } from "../sports.js";
import { part } from "../text.js";
import { ProblemNote } from "./problem.js";

const t = (await part("activities")).calendar;
const CELL = 14;
const LABELS = 18; // px above the year for its months
const SIZES = [2.6, 3.8, 5];
const LONG_S = [2400, 5400]; // from which a day is drawn larger, and largest
const HALVES = [["01", "02", "03", "04", "05", "06"], ["07", "08", "09", "10", "11", "12"]];
const MONTHS = [...Array(12).keys()].map((n) => String(n + 1).padStart(2, "0"));

const today = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
};

const monthAsked = () => (/^\d{4}-\d{2}$/.test(asked().month ?? "") ? asked().month : monthOf(today()));

export function ActivityCalendar({ latest }) {
  const month = asked().month ? monthAsked() : monthOf(latest ?? today());
  const year = yearOf(month);
  const { value, problem, again } = useLoaded(() => api.activityCalendar({ from: `${year}-01-01`, to: `${year}-12-31` }), [year]);
  const days = new Map((value?.days ?? []).map((one) => [one.day, one]));
  if (problem) return html`<${ProblemNote} problem=${problem} again=${again} />`;
  return html`
    <div class="calendar">
      <${Month} month=${month} days=${days} loading=${!value} />
      <${Year} year=${year} month=${month} days=${days} />
    </div>
  `;
}

const to = (month) => addressOf(location.pathname, { ...asked(), month });

function sums(found) {
  const add = (name) => found.reduce((sum, one) => sum + (one[name] ?? 0), 0);
  return { count: add("count"), seconds: add("seconds"), distance: add("distance") };
}

function sumText(found) {
  const { count, seconds, distance: far } = sums(found);
  return t.answer(count, seconds ? duration(seconds) : "", far ? distance(far) : "");
}

// A month ------------------------------------------------------------------------------------------

function Step({ href, label, icon, back }) {
  return html`<a class="step ${back ? "back" : ""}" href=${href} aria-label=${label} title=${label}><${Icon} name=${icon} /></a>`;
}

function Month({ month, days, loading }) {
  const [from, until] = monthEnds(month);
  const found = [...days.values()].filter(({ day }) => day >= from && day <= until);
  const named = monthName(`${month}-01`);
  return html`
    <section class="month-grid" aria-labelledby="calendar-month">
      <header class="steps-head">
        <${Step} href=${to(shiftMonth(month, -1))} label=${t.before} icon="back" />
        <h2 id="calendar-month">${named}</h2>
        <${Step} href=${to(shiftMonth(month, 1))} label=${t.after} icon="back" back />
        <p class="hint" role="status">${loading ? t.loading : found.length ? sumText(found) : t.none(named)}</p>
      </header>
      <table class="days">
        <thead><tr>
          ${weekdayNames().map(({ short, long }) => html`<th scope="col"><abbr title=${long}>${short}</abbr></th>`)}
          <th scope="col" class="sum">${t.week}</th>
        </tr></thead>
        <tbody>${weeksOf(month).map((week) => html`<${Week} key=${week.find(Boolean)} week=${week} days=${days} />`)}</tbody>
      </table>
    </section>
  `;
}

function Week({ week, days }) {
  const found = week.map((day) => day && days.get(day)).filter(Boolean);
  const { count, seconds, distance: far } = sums(found);
  return html`
    <tr>
      ${week.map((day) => html`<td class=${day === today() ? "today" : ""}>${day && html`<${Day} day=${day} one=${days.get(day)} />`}</td>`)}
      <td class="sum">${count > 0 && html`<span>${count}</span><span>${seconds > 0 && duration(seconds)}</span><span>${far > 0 && distance(far)}</span>`}</td>
    </tr>
  `;
}

function Day({ day, one }) {
  const number = Number(day.slice(8));
  if (!one) return html`<span class="day"><time datetime=${day}>${number}</time></span>`;
  const label = t.day(dayName(day), one.count, one.sports.map(words).join(", "), one.seconds ? duration(one.seconds) : "");
  return html`
    <a class="day some" href=${addressOf("/activities", { from: day, to: day })} aria-label=${label} data-day=${day}>
      <time datetime=${day}>${number}</time>
      <span class="kinds">${one.sports.map((sport) => html`<i class="kind sport-${groupOf(sport)}"><${SportIcon} sport=${sport} /></i>`)}</span>
      ${one.seconds > 0 && html`<small>${duration(one.seconds)}</small>`}
    </a>
  `;
}

// A year -------------------------------------------------------------------------------------------

function Year({ year, month, days }) {
  const all = [...days.values()];
  const groups = SPORT_GROUPS.filter((group) => all.some(({ sports }) => sports.some((sport) => groupOf(sport) === group)));
  return html`
    <section aria-labelledby="calendar-year">
      <header class="steps-head">
        <${Step} href=${to(`${Number(year) - 1}-12`)} label=${t.yearBefore} icon="back" />
        <h2 id="calendar-year">${year}</h2>
        <${Step} href=${to(`${Number(year) + 1}-01`)} label=${t.yearAfter} icon="back" back />
        <p class="hint">${all.length ? sumText(all) : t.noneYear(year)}</p>
      </header>
      <div class="heats">${HALVES.map((months, n) => html`<${Heat} key=${n} year=${year} months=${months} days=${days} />`)}</div>
      <p class="legend-sports">
        ${groups.map((group) => html`<span><svg viewBox="-7 -7 14 14" class="shape sport-${group}" aria-hidden="true"><path d=${shapeOf(group, 5)} /></svg>${t.groups[group]}</span>`)}
        ${all.some(({ sports }) => sports.length > 1) && html`<span class="hint">${t.several}</span>`}
      </p>
      <nav class="months" aria-label=${t.months}>
        ${MONTHS.map((n) => {
          const inMonth = all.filter(({ day }) => monthOf(day) === `${year}-${n}`);
          const { count } = sums(inMonth);
          return html`<a class=${count ? "" : "none"} href=${to(`${year}-${n}`)} aria-current=${month === `${year}-${n}` ? "true" : undefined}
            aria-label=${t.month(monthName(`${year}-${n}-01`), count)}>${shortMonth(`${year}-${n}-01`)} <small>${count}</small></a>`;
        })}
      </nav>
    </section>
  `;
}

const sizeOf = ({ seconds }) => SIZES[LONG_S.filter((least) => (seconds ?? 0) >= least).length];

/** Half a year, so that a phone shows one below the other. */
function Heat({ year, months, days }) {
  const all = yearGrid(year).filter(({ day }) => months.includes(day.slice(5, 7)));
  const first = all[0].column;
  const grid = all.map((one) => ({ ...one, column: one.column - first }));
  const columns = grid.at(-1).column + 1;
  const found = grid.filter(({ day }) => days.has(day));
  const count = found.reduce((sum, { day }) => sum + days.get(day).count, 0);
  const firsts = grid.filter(({ day }) => day.endsWith("-01"));
  const span = `${shortMonth(grid[0].day)}–${shortMonth(grid.at(-1).day)} ${year}`;
  return html`
    <svg class="heat" role="img" aria-label=${t.heat(span, count, found.length)} viewBox="0 0 ${columns * CELL} ${7 * CELL + LABELS}">
      ${firsts.map(({ day, column }) => html`<text x=${column * CELL + (column ? CELL : 0)} y="11">${shortMonth(day)}</text>`)}
      ${grid.map(({ day, column, row }) => html`<${Cell} key=${day} column=${column} row=${row} one=${days.get(day)} />`)}
    </svg>
  `;
}

function Cell({ column, row, one }) {
  const [x, y] = [(column + 0.5) * CELL, (row + 0.5) * CELL + LABELS];
  if (!one) return html`<circle class="rest" cx=${x} cy=${y} r="1.4" />`;
  const [group, r] = [groupOf(one.sports[0]), sizeOf(one)];
  return html`
    <g class="shape sport-${group}" transform="translate(${x} ${y})">
      <path d=${shapeOf(group, r)} />
      ${one.sports.length > 1 && html`<circle class="ring" r=${r + 1.4} />`}
    </g>
  `;
}
