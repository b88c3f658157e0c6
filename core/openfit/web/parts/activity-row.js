// One line of the list of activities. The whole line is the link.

import {
  clock,
  deviceName,
  distance,
  duration,
  height,
  MISSING,
  number,
  shortDay,
  sportName,
} from "../format.js";
import { html } from "../html.js";
import { SportIcon } from "../icons.js";
import { text } from "../text.js";
import { known, timeOf } from "../totals.js";

const head = text.list.head;

export const RowHead = () => html`
  <div class="row row-head" aria-hidden="true">
    <span class="what">${head.activity}</span>
    <span class="num">${head.time}</span>
    <span class="num">${head.distance}</span>
    <span class="num">${head.ascent}</span>
    <span class="num">${head.heartRate}</span>
    <span class="device">${head.device}</span>
  </div>
`;

function Figure({ name, found, write }) {
  const method = found?.method === "computed" ? "computed" : "";
  return html`
    <span class="num ${found ? "" : "absent"}">
      <span class="label">${name} </span>
      <span class=${method} title=${method ? text.totals.computed : undefined}>
        ${found ? write(found.value) : MISSING}
      </span>
    </span>
  `;
}

function When({ row }) {
  const at = clock(Date.parse(row.start), row.utc_offset);
  return html`
    <time datetime=${row.start}>${shortDay(row.day)}, ${at}</time>
    ${
      !row.utc_offset &&
      html` <abbr title=${text.list.unknownZoneLong}>${text.list.unknownZone}</abbr>`
    }
  `;
}

export function ActivityRow({ row }) {
  const name = row.name ?? sportName(row);
  return html`
    <li>
      <a class="row" href="/activities/${encodeURIComponent(row.id)}">
        <span class="what">
          <span class="sport"><${SportIcon} sport=${row.sport} /></span>
          <span class="names">
            <span class="name">${name}</span>
            <span class="when">
              <${When} row=${row} />
              ${row.name && row.name !== sportName(row) && html`<span> · ${sportName(row)}</span>`}
              ${row.group && html`<span> · ${text.list.leg}</span>`}
              ${row.twins > 0 && html`<span> · ${text.list.twinMark(row.twins)}</span>`}
            </span>
          </span>
        </span>
        <${Figure} name=${head.time} found=${timeOf(row)} write=${duration} />
        <${Figure} name=${head.distance} found=${known(row, "distance")} write=${distance} />
        <${Figure} name=${head.ascent} found=${known(row, "ascent")} write=${(v) => height(v)} />
        <${Figure}
          name=${head.heartRate}
          found=${known(row, "avg_heart_rate")}
          write=${(v) => `${number(v)} bpm`}
        />
        <span class="device"><span class="label">${head.device} </span>${deviceName(row.device)}</span>
      </a>
    </li>
  `;
}
