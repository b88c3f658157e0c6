// What a source can be told: a button each, a small form where something is asked for, and what it
// says while it does it.

import { useEffect, useRef, useState } from "preact/hooks";
import { act, areDevices, nextTime, shown, valuesOf } from "../acting.js";
import { filled } from "../action.js";
import { metricName, words } from "../format.js";
import { html } from "../html.js";
import { given } from "../naming.js";
import { part, text as page } from "../text.js";
import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { ProblemNote } from "./problem.js";

const t = await part("acting");
const PAIR = "pair";

/** `whose` is the hub's address of it, `name` what people call it, `watch` where a live one opens. */
export function Actions({ actions, whose, name, watch, again }) {
  const [asking, setAsking] = useState(null);
  const doing = useDoing(whose, again);
  if (!actions.length) return null;
  const begin = (action, arguments_ = {}, consent = false) => {
    setAsking(null);
    doing.run(action, { arguments: arguments_, consent });
  };
  const press = (action) => (asks(action) ? setAsking({ action }) : begin(action));
  const pairing = actions.find((one) => one.name === PAIR && hasAddress(one));
  const pair = pairing && (({ address }) => setAsking({ action: pairing, address }));
  return html`
    <p class="buttons">
      ${actions.map((action) => {
        const label = `${given(action.title)}: ${name}`;
        return action.live
          ? watch && html`<a class="button" key=${action.name} aria-label=${label} href=${`${watch}?action=${action.name}`}>${given(action.title)}</a>`
          : html`<button key=${action.name} class=${action.danger ? "quiet" : ""} disabled=${Boolean(doing.action)} aria-label=${label}
              onClick=${() => press(action)}>${given(action.title)}</button>`;
      })}
    </p>
    <${Doing} doing=${doing} pair=${pair} />
    ${asking && html`<${Form} ...${asking} name=${name} go=${begin} onClose=${() => setAsking(null)} />`}
  `;
}

const asks = ({ danger, arguments: form = [] }) => danger || form.length > 0;
const hasAddress = ({ arguments: form = [] }) => form.some(({ name }) => name === "address");

/** One action under way, and what came of the last. */
function useDoing(whose, again) {
  const [state, setState] = useState({});
  const stopping = useRef(null);
  useEffect(() => () => stopping.current?.abort(), []);
  const run = async (action, body) => {
    const stop = (stopping.current = new AbortController());
    const onStep = (step) => setState((before) => ({ ...before, step: { ...step, values: { ...before.step?.values, ...step.values } } }));
    setState({ action });
    try {
      const step = await act(whose, action.name, body, { signal: stop.signal, onStep });
      setState((before) => ({ over: action, step: { ...before.step, ...step, values: { ...before.step?.values, ...step.values } } }));
      if (step.connection_id || step.stored) again();
    } catch (problem) {
      setState(problem.name === "AbortError" ? { over: action, stopped: true } : { problem });
    }
  };
  return { ...state, run, stop: () => stopping.current?.abort() };
}

function Doing({ doing: { action, over, step, stopped, problem, stop }, pair }) {
  const title = given((action ?? over)?.title ?? "");
  return html`
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    <div role="status">
      ${action && html`<p>${t.doing(title)}</p>`}
      ${stopped && html`<p class="hint">${t.stopped(title)}</p>`}
      ${step?.message && html`<p class="hint">${step.message}</p>`}
      ${over && !stopped && !step?.message && html`<p class="hint">${t.done(title)}</p>`}
    </div>
    ${action && html`<p class="under-way"><progress aria-label=${title} max="1" value=${step?.done ?? null}></progress><button onClick=${stop}>${t.stop}</button></p>`}
    ${step && html`<${Said} values=${step.values ?? {}} pair=${over && pair} />`}
  `;
}

function Said({ values, pair }) {
  const all = Object.entries(values);
  const plain = all.filter(([, value]) => !areDevices(value));
  return html`
    ${plain.length > 0 && html`<dl class="told">${plain.map(([name, value]) => html`<div key=${name}><dt>${metricName(name)}</dt><dd>${shown(name, value)}</dd></div>`)}</dl>`}
    ${all.filter(([, value]) => areDevices(value)).map(([name, devices]) => html`
      <ul class="found" key=${name} aria-label=${words(name)}>
        ${devices.map((one) => html`
          <li key=${one.address}><span><strong>${one.name || one.address}</strong> <span class="hint">${one.name ? one.address : ""}</span></span>
            ${pair && html`<button aria-label=${`${t.pair}: ${one.name || one.address}`} onClick=${() => pair(one)}>${t.pair}</button>`}</li>`)}
      </ul>`)}
  `;
}

function Form({ action, address, name, go, onClose }) {
  const { title, danger, arguments: form = [] } = action;
  const submit = (event) => go(action, valuesOf(form, filled(event)), Boolean(danger));
  return html`
    <${Dialog} title=${t.title(given(title), name)} onClose=${onClose}>
      ${danger && html`<p class="note">${t.danger}</p>`}
      <form onSubmit=${submit}>
        ${form.map((one) => html`<${Asked} key=${one.name} one=${one} value=${one.name === "address" ? address : undefined} />`)}
        ${danger && html`<label class="check"><input type="checkbox" required /> ${t.understand}</label>`}
        <p class="buttons">
          <button class=${danger ? "alarm" : "main"}>${given(title)}</button>
          <button type="button" onClick=${onClose}>${page.edit.cancel}</button>
        </p>
      </form>
    <//>
  `;
}

const INPUTS = { text: { type: "text", autocomplete: "off", spellcheck: "false" }, time: { type: "datetime-local" } };

function Asked({ one, value }) {
  const { name, kind, required = true, choices, least, most } = one;
  const label = given(words(name));
  const preset = value ?? one.default;
  if (kind === "flag") return html`<label class="check"><input type="checkbox" name=${name} defaultChecked=${preset === true} /> ${label}</label>`;
  const common = { label, name, required };
  if (kind === "choice") {
    const all = choices.map((said) => [said, given(words(said))]);
    return html`<${Field} ...${common} choices=${required || preset ? all : [["", ""], ...all]} defaultValue=${preset} />`;
  }
  if (kind in INPUTS) return html`<${Field} ...${common} ...${INPUTS[kind]} defaultValue=${kind === "time" ? nextTime(preset) : preset} />`;
  return html`<${Field} ...${common} hint=${t.limits(least, most)} type="number" step=${kind === "integer" ? 1 : "any"} min=${least} max=${most} defaultValue=${preset} />`;
}
