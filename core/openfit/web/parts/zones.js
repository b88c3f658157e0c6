// Time in heart-rate zones: one bar a zone, with its bounds, and what those come from.

import { number, plainDay as dayName } from "../format.js";
import { html } from "../html.js";
import { inForce, reasonOf, written } from "../results.js";
import { text } from "../text-training.js";
import { within } from "../text/language.js";
import { Why } from "./why.js";

const t = text.zones;
const ZONE = /^heart_rate_zone_(\d)_minutes$/;
const LAST_SHARE = 0.9; // where zone 5 begins, of the highest heart rate

function zonesOf(results) {
  return results
    .filter(({ id }) => ZONE.test(id))
    .map((one) => ({ ...one, zone: Number(ZONE.exec(one.id)[1]) }))
    .sort((a, b) => a.zone - b.zone);
}

function boundsText(zones, { zone, drivers }) {
  const [low, high] = [drivers?.lower, zones[zone + 1]?.drivers?.lower].map((at) => number(at));
  if (zone === 0) return t.below(high);
  return zones[zone + 1] ? t.between(low, high) : t.above(low);
}

/** Which thresholds the bounds come from: of the person, of a stated maximum, or of an age. */
function origin(zones, profile, day) {
  const own = inForce(profile, "heart_rate_zones", day);
  const max = inForce(profile, "max_heart_rate", day);
  if (own) return t.own(dayName(own.since));
  if (max) return t.ofMax(number(max.value), dayName(max.since));
  return t.ofAge(number(zones.at(-1).drivers?.lower / LAST_SHARE));
}

function Time({ result }) {
  const { value, unit } = written(result);
  return html`${value} <small>${unit}</small>`;
}

export function Zones({ results, profile, day }) {
  const zones = zonesOf(results);
  const missing = results.find(({ id }) => id === "heart_rate_zones");
  if (!zones.length) return missing ? html`<${Missing} result=${missing} />` : null;
  const all = zones.reduce((sum, { value }) => sum + value, 0);
  const most = zones.reduce((a, b) => (b.value > a.value ? b : a));
  const widest = most.value || 1;
  const stated = zones[0].tier !== "ESTIMATE";
  return html`
    <section class="zones-part" aria-labelledby="zones">
      <h3 id="zones">${t.title}</h3>
      <p>${t.most(within(t.zone(most.zone)), most.value / all)}</p>
      <table class="zones" aria-labelledby="zones">
        <thead class="unseen"><tr>${t.head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${zones.map(
            (one) => html`
              <tr data-zone=${one.zone}>
                <th scope="row">${t.zone(one.zone)} <small>${boundsText(zones, one)}</small></th>
                <td class="bar" aria-hidden="true">
                  ${
                    one.value > 0 &&
                    html`<i class="zone-${one.zone}" style=${{ width: `${(100 * one.value) / widest}%` }}></i>`
                  }
                </td>
                <td class="num"><${Time} result=${one} /></td>
                <td class="num">${number((100 * one.value) / all)} %</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      <p class="hint">
        ${origin(zones, profile, day)} <a href="/training/thresholds/max_heart_rate">${stated ? t.change : t.stateMax}</a>
      </p>
      <details class="plain"><summary>${text.why.open}</summary><${Why} result=${{ ...zones[0], drivers: {} }} /></details>
    </section>
  `;
}

function Missing({ result }) {
  const { said, step } = reasonOf(result.reason);
  return html`
    <section class="zones-part" aria-labelledby="zones">
      <h3 id="zones">${t.title}</h3>
      <p class="absent">– ${said} ${step && html`<a href=${step.href}>${step.name}</a>`}</p>
      <details class="plain"><summary>${text.why.open}</summary><${Why} result=${result} /></details>
    </section>
  `;
}
