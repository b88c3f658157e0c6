// Entering by hand: one sheet for every kind, its fields as the hub says them.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { adding } from "../adding.js";
import * as entering from "../entering.js";
import { metricName, words } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { sheet } from "../sheet.js";
import { SPORTS } from "../sports.js";
import { part, text as page } from "../text.js";
import { Dialog } from "./dialog.js";
import { ProblemNote } from "./problem.js";

const [{ sheet: t }, { families }] = await Promise.all([part("entering"), part("settings").then((it) => it.sharing), sheet("entering.css")]);

const load = async () => {
  const [known, clock] = await Promise.all([entering.kinds(), entering.wearerClock()]);
  return { known, clock };
};
const close = () => (adding.value = null);

/** `entry` with its `id` is one to change; else something new, of a `kind` and `day` if given. */
export function EntrySheet({ id, entry, kind, day }) {
  const { value, problem, again } = useLoaded(load, []);
  return html`
    <${Dialog} title=${entry ? t.change : t.add} onClose=${close}>
      ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
      ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${page.loading}></div>`}
      ${value && html`<${Form} ...${value} id=${id} entry=${entry} first=${kind} day=${day} />`}
    <//>
  `;
}

function Form({ known, clock, id, entry, first, day }) {
  const [kind, setKind] = useState(entry?.kind ?? first ?? known.kinds[0].kind);
  const [metric, setMetric] = useState(entry?.metric ?? "");
  const [state, setState] = useState({ faults: {} });
  const form = useRef();
  const fields = entering.fieldsOf(known, kind, metric, entry);
  const now = entering.localNow(clock);
  const start = day ? day + now.slice(10) : now;
  useEffect(() => {
    const [worst] = fields.filter(({ name }) => state.faults[name]);
    if (worst) form.current.elements[worst.name].focus();
  }, [state]);
  const submit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    const { body, faults } = entering.read(fields, given, t.faults, { entry, clock });
    if (Object.keys(faults).length) return setState({ faults });
    setState({ faults: {}, busy: true });
    const sent = { kind, ...body };
    try {
      await (id ? entering.change(id, sent) : entering.add(sent));
      return close();
    } catch (problem) {
      const faults = entering.faultsOf(problem, fields);
      return setState({ faults, problem: Object.keys(faults).length ? null : problem });
    }
  };
  const choose = (next) => {
    setKind(next);
    setState({ faults: {} });
  };
  const faulty = Object.keys(state.faults).length;
  return html`
    ${!entry && html`<div class="switch words kinds" role="group" aria-label=${t.kind}>
      ${known.kinds.map(({ kind: one }) => html`<button type="button" aria-pressed=${String(one === kind)} onClick=${() => choose(one)}>${t.kinds[one] ?? words(one)}</button>`)}
    </div>`}
    <form class="entry" ref=${form} onSubmit=${submit} noValidate>
      ${fields.map((field) => html`<${EntryField} key=${`${kind} ${field.name} ${field.form}`} field=${field} fault=${state.faults[field.name]}
        known=${known} metric=${metric} setMetric=${setMetric} clock=${clock}
        given=${entry ? entering.shownIn(field, entry) : initial(field, start)} />`)}
      <p class="sr" role="status">${faulty > 0 && t.faulty(faulty)}</p>
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
      <p class="buttons">
        <button class="main" disabled=${state.busy}>${state.busy ? t.saving : entry ? t.saveChange : t.save}</button>
        <button type="button" onClick=${close}>${t.cancel}</button>
      </p>
    </form>
  `;
}

const MOMENT = new Set(["at", "end"]);
/** When it was is most often just now; how long it took is for the person to say. */
function initial({ name, form, choices }, start) {
  if (form === "day") return start.slice(0, 10);
  if (form === "instant") return MOMENT.has(name) ? start : "";
  return choices?.[0] ?? "";
}

const DATED = new Set(["at", "start"]);

function EntryField({ field, fault, given, known, metric, setMetric, clock }) {
  const id = useId();
  const { name, form, required, measured } = field;
  const of = known.metrics.find(({ type }) => type === metric);
  const called = form === "day" ? t.day : name === "value" && of ? metricName(of.type, of.name) : t.fields[name] ?? words(name);
  const hint = form === "day" ? t.dayHint : DATED.has(name) && (clock.known ? t.clock : t.browserClock)(clock.offset);
  const about = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  const common = { id, name, "aria-describedby": about, "aria-invalid": fault ? "true" : undefined, "aria-required": required ? "true" : undefined };
  return html`
    <div class="field ${form}">
      <label for=${id}>${measured?.name ? t.withUnit(called, measured.name) : called}${!required && html` <small>${t.optional}</small>`}</label>
      <${Input} field=${field} given=${given} common=${common} known=${known} metric=${metric} setMetric=${setMetric} />
      ${fault && html`<p id="${id}-fault" class="fault">${fault}</p>`}
      ${hint && html`<p id="${id}-hint" class="hint">${hint}</p>`}
    </div>
  `;
}

function Input({ field, given, common, known, metric, setMetric }) {
  const { name, form, longest } = field;
  if (form === "metric")
    return html`<select ...${common} value=${metric} onChange=${(event) => setMetric(event.target.value)}>
      <option value="">${t.choose}</option>
      ${grouped(known.metrics).map(([family, found]) => html`<optgroup label=${families[family] ?? words(family)}>
        ${found.map(({ type, called }) => html`<option value=${type}>${called}</option>`)}</optgroup>`)}
    </select>`;
  if (form === "choice")
    return html`<select ...${common} defaultValue=${given}>${field.choices.map((one) => html`<option value=${one} selected=${one === given}>${t.choices[one] ?? words(one)}</option>`)}</select>`;
  if (name === "sport") {
    const known = [...SPORTS, "generic"];
    const offered = given && !known.includes(given) ? [given, ...known] : known;
    return html`<select ...${common}>${offered.map((one) => html`<option value=${one} selected=${one === given}>${words(one)}</option>`)}</select>`;
  }
  if (name === "notes") return html`<textarea ...${common} rows="3" maxlength=${longest} defaultValue=${given}></textarea>`;
  const type = { instant: "datetime-local", day: "date" }[form] ?? "text";
  return html`<input ...${common} type=${type} inputmode=${form === "number" ? "decimal" : undefined} autocomplete="off" maxlength=${longest} defaultValue=${given} />`;
}

/** By family in the order of the catalogue, within one by name. */
function grouped(metrics) {
  const found = new Map();
  for (const { type, name, family } of metrics) {
    if (!found.has(family)) found.set(family, []);
    found.get(family).push({ type, called: metricName(type, name) });
  }
  for (const list of found.values()) list.sort((a, b) => a.called.localeCompare(b.called));
  return [...found];
}
