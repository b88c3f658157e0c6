// Home: what was done lately, in one line, and then every activity by month.

import { useEffect } from "preact/hooks";

import { html, classes } from "../html.js";
import { date, distance, duration, local, month, number, zoneName } from "../format.js";
import { SportIcon } from "../icons.js";
import * as outings from "../outings.js";
import { Failure, Skeleton, Value } from "../parts/basics.js";
import { ImportButtons } from "../parts/import-panel.js";
import { deviceName, sportName, text } from "../text.js";

const said = text.list;

export function Activities() {
  useEffect(() => void outings.reload(), []);
  const rows = outings.items.value;
  const empty = rows?.length === 0;
  const complete = outings.cursor.value === null;
  return html`
    <header class="page-head">
      <h1 tabindex="-1">${said.title}</h1>
      ${!empty && html`<${ImportButtons} quiet />`}
    </header>
    ${rows?.length > 0 &&
    html`<p class="answer">${said.answer(rounded(outings.lastThirtyDays(rows, complete)))}</p>`}
    ${outings.failure.value &&
    html`<${Failure} problem=${outings.failure.value} onRetry=${outings.reload} />`}
    ${rows === null && !outings.failure.value && html`<${Skeleton} rows=${9} />`}
    ${empty && html`<${Empty} />`}
    ${rows?.length > 0 && html`<${List} months=${outings.byMonth(rows, complete)} />`}
    ${!complete &&
    html`<p class="more">
      <button type="button" disabled=${outings.busy.value} onClick=${outings.loadMore}>
        ${said.more}
      </button>
    </p>`}
  `;
}

const whole = (kilometres) =>
  kilometres === null ? null : number(kilometres, kilometres < 10 ? 1 : 0);

const rounded = (answer) => ({ ...answer, kilometres: whole(answer.kilometres) });

const Empty = () => html`
  <section class="empty">
    <h2>${said.emptyTitle}</h2>
    <p>${said.empty}</p>
    <${ImportButtons} />
  </section>
`;

// The roles are spelled out because narrow screens lay the rows out as a grid.
const List = ({ months }) => html`
  <table class="outings" role="table" aria-label=${said.title}>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col"><span class="unseen">${said.columns.sport}</span></th>
        <th role="columnheader" scope="col">${said.columns.activity}</th>
        ${["duration", "distance", "ascent", "heartRate"].map(
          (name) => html`
            <th role="columnheader" scope="col" class=${classes("figure", name)} key=${name}>
              ${said.columns[name]}
            </th>
          `,
        )}
        <th role="columnheader" scope="col" class="device">${said.columns.device}</th>
      </tr>
    </thead>
    ${months.map((one) => html`<${Month} key=${one.key} ...${one} />`)}
  </table>
`;

const Month = ({ rows, outings: distinct, complete }) => html`
  <tbody role="rowgroup">
    <tr class="month" role="row">
      <th role="rowheader" scope="rowgroup" colspan="7">
        <h2>${month(rows[0].day.slice(0, 7) + "-01")}</h2>
        ${complete &&
        html`<span>${said.month(distinct.length, whole(outings.kilometres(distinct)))}</span>`}
      </th>
    </tr>
    ${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}
  </tbody>
`;

function Row({ row }) {
  const of = (field) => outings.total(row, field);
  const sport = sportName(row.sport, row.sub_sport);
  return html`
    <tr class="outing" role="row">
      <td class="sport" role="cell">
        <${SportIcon} sport=${row.sport} /><span class="unseen">${sport}</span>
      </td>
      <th class="what" role="rowheader" scope="row">
        <a href=${`/activities/${row.id}`}>${row.name ?? sport}</a>
        <span class="when"><${When} row=${row} /></span>
      </th>
      <${Figure} name="duration" value=${duration(outings.timeOf(row))} />
      <${Figure} name="distance" ...${distance(of("distance"))} />
      <${Figure} name="ascent" value=${number(of("ascent"))} unit="m" />
      <${Figure} name="heartRate" value=${number(of("avg_heart_rate"))} unit="bpm" />
      <td class="device" role="cell"><${Value} value=${deviceName(row.device) ?? undefined} /></td>
    </tr>
  `;
}

const Figure = ({ name, value, unit }) => html`
  <td class=${classes("figure", name)} role="cell">
    <span class="unseen narrow-only">${said.columns[name]}</span>
    <${Value} value=${value} unit=${unit} />
  </td>
`;

function When({ row }) {
  const unknown = row.offset_basis === "unknown" || !row.utc_offset;
  return html`
    ${date(row.day)}, ${local(row.start, row.utc_offset, "time")}
    ${unknown && html` <abbr title=${said.utc}>${zoneName(null)}</abbr>`}
    ${row.name && row.sport !== "generic" && html` · ${sportName(row.sport, row.sub_sport)}`}
    ${row.twins > 0 && html` · ${said.twins(row.twins)}`}
  `;
}
