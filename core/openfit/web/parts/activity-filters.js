// Finding activities: words and a sport at hand, the rest behind one line, what is in force as chips.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { chipsOf, filtersOf, HAS, noFilters } from "../finding.js";
import { deviceName, words } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { useLoaded } from "../loading.js";
import { ask, asked } from "../query.js";
import { part } from "../text.js";
import { lengths } from "../units.js";

const t = await part("activities");
const TYPING_MS = 300;
const none = { items: [] };

/** Sports, sources and tags that there are to choose from. */
async function choices() {
  const [sports, devices, integrations, tags] = await Promise.all([
    api.sports(),
    api.devices().catch(() => none),
    api.integrations().catch(() => none),
    api.tags().catch(() => none),
  ]);
  const connected = integrations.items.filter(({ connections = [] }) => connections.length);
  const sources = [
    ...connected.map(({ id, name }) => ({ id, name })),
    ...devices.items.map((one) => ({ id: String(one.source_id), name: one.label ?? deviceName(one) })),
  ];
  const used = tags.items.filter(({ activities }) => activities > 0);
  return { sports: sports.items, sources, tags: used };
}

export function Filters() {
  const { value = { sports: [], sources: [], tags: [] } } = useLoaded(choices, []);
  const filters = filtersOf(asked());
  const hidden = Object.keys(filters).filter((name) => !["q", "sport"].includes(name)).length;
  const [open, setOpen] = useState(hidden > 0);
  return html`
    <search class="filters">
      <${Words} sought=${filters.q ?? ""} />
      <${Choice} label=${t.sport} name="sport" none=${t.everySport}
        options=${value.sports.map(({ sport, count }) => [sport, t.sportCount(words(sport), count)])} />
      <button class="quiet" aria-expanded=${open} aria-controls="more-filters" onClick=${() => setOpen(!open)}>${t.more}</button>
      <div id="more-filters" class="more-filters" hidden=${!open}>
        <${Choice} label=${t.source} name="source" none=${t.everySource} options=${value.sources.map(({ id, name }) => [id, name])} />
        ${value.tags.length > 0 && html`<${Choice} label=${t.tag} name="tag" none=${t.everyTag} options=${value.tags.map(({ tag }) => [tag, tag])} />`}
        <${Field} label=${t.from} name="from" type="date" />
        <${Field} label=${t.to} name="to" type="date" />
        <${Field} label=${t.least(lengths().far.unit)} name="min" inputmode="decimal" />
        <${Field} label=${t.most(lengths().far.unit)} name="max" inputmode="decimal" />
        <${Has} />
      </div>
      <${Chips} filters=${filters} sources=${value.sources} />
    </search>
  `;
}

/** The search follows the typing, and is one step of the way back. */
function Words({ sought }) {
  const [typed, setTyped] = useState(sought);
  const waiting = useRef();
  useEffect(() => setTyped(sought), [sought]);
  const type = (value) => {
    setTyped(value);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => ask({ q: value.trim() || null }, { push: !sought }), TYPING_MS);
  };
  return html`
    <label class="words">${t.find}
      <input type="search" value=${typed} maxlength="200" autocomplete="off" onInput=${(event) => type(event.target.value)} />
    </label>
  `;
}

const Choice = ({ label, name, none: every, options }) => {
  const chosen = asked()[name] ?? "";
  const known = options.some(([value]) => value === chosen);
  return html`
    <label>${label}
      <select value=${chosen} onChange=${(event) => ask({ [name]: event.target.value || null })}>
        <option value="">${every}</option>
        ${chosen && !known && html`<option value=${chosen}>${words(chosen)}</option>`}
        ${options.map(([value, said]) => html`<option value=${value}>${said}</option>`)}
      </select>
    </label>
  `;
};

const Field = ({ label, name, ...rest }) => html`
  <label>${label}
    <input ...${rest} value=${asked()[name] ?? ""} onChange=${(event) => ask({ [name]: event.target.value || null })} />
  </label>
`;

function Has() {
  const chosen = new Set((asked().has ?? "").split(",").filter(Boolean));
  const toggle = (one) => {
    if (!chosen.delete(one)) chosen.add(one);
    ask({ has: [...chosen].join(",") || null });
  };
  return html`
    <fieldset class="has">
      <legend>${t.has.label}</legend>
      ${HAS.map(
        (one) => html`<label><input type="checkbox" checked=${chosen.has(one)} onChange=${() => toggle(one)} /> ${t.has[one]}</label>`,
      )}
    </fieldset>
  `;
}

function Chips({ filters, sources }) {
  const chips = chipsOf(filters, t, sources);
  if (!chips.length) return null;
  return html`
    <p class="chips">
      ${chips.map(
        ({ key, said, without }) => html`<button key=${key} class="chip" aria-label=${t.chip(said)} onClick=${() => ask(without)}>${said}<${Icon} name="close" /></button>`,
      )}
      <button class="quiet" onClick=${() => ask(noFilters)}>${t.clear}</button>
    </p>
  `;
}
