// What a person says of himself, each value from a day on.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { isNumber, number, plainDay as dayName } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { ProblemNote } from "../parts/problem.js";
import { TrainingHead } from "../parts/training-head.js";
import { inForce } from "../results.js";
import { text } from "../text-training.js";

const t = text.thresholds;
const FIELDS = Object.keys(t.fields);
const ALWAYS = "birth_date"; // holds for all of a life

const today = () => {
  const now = new Date();
  const two = (n) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
};

async function load() {
  const [profile, metrics] = await Promise.all([api.profile(), api.metrics()]);
  const days = metrics.items.map((one) => one.first_day).filter(Boolean).sort();
  return { statements: profile.items, firstDay: days[0] ?? null };
}

export const Thresholds = ({ id }) => html`
  <${TrainingHead} here="thresholds" title=${t.title}>
    <p class="answer">${t.answer}</p>
    <p class="hint">${t.lead}</p>
  <//>
  <${Fields} id=${id} />
`;

/** The same among the settings. */
export const Profile = () => html`
  <section aria-labelledby="profile">
    <h2 id="profile">${t.answer}</h2>
    <p class="hint">${t.lead}</p>
  </section>
  <${Fields} />
`;

function Fields({ id }) {
  const { value, problem, again, set } = useLoaded(load, []);
  const begins = value?.firstDay && value.statements.length < FIELDS.length;
  return html`
    ${!value && !problem && html`<div class="bone tall" role="status" aria-label=${text.training.loading}></div>`}
    ${problem && html`<${ProblemNote} problem=${problem} again=${again} />`}
    ${
      value &&
      html`${begins && html`<p class="hint">${t.sinceAll(dayName(value.firstDay))}</p>`}<ul class="fields">
        ${FIELDS.map(
          (field) => html`<${Field} key=${field} field=${field} wanted=${field === id}
            stated=${value.statements.filter((one) => one.field === field)}
            firstDay=${value.firstDay}
            onChanged=${(statements) => set({ ...value, statements })} />`,
        )}
      </ul>`
    }
  `;
}

function shown(field, value) {
  const [, unit] = t.fields[field];
  if (field === "sex") return t.sexes[value] ?? value;
  if (field === ALWAYS) return dayName(value);
  const written = Array.isArray(value) ? value.map((one) => number(one)).join(", ") : isNumber(value) ? number(value) : value;
  return [written, unit].filter(Boolean).join(" ");
}

/** As the hub takes it; what is no number goes as it is, and the hub says what is wrong. */
function asValue(field, given) {
  const numeric = (one) => (one.trim() !== "" && Number.isFinite(Number(one)) ? Number(one) : one);
  if (field === "heart_rate_zones") return given.split(/[\s,;]+/).filter(Boolean).map(numeric);
  if (["sex", "birth_date", "zone"].includes(field)) return given.trim();
  return numeric(given.replace(",", "."));
}

function Field({ field, stated, wanted, firstDay, onChanged }) {
  const [name, , purpose] = t.fields[field];
  const [state, setState] = useState({});
  const now = inForce(stated, field, today());
  const change = async (what, done) => {
    setState({ busy: true });
    try {
      await what();
      onChanged((await api.profile()).items);
      setState({ done });
    } catch (problem) {
      setState({ problem });
    }
  };
  const value = now && shown(field, now.value);
  return html`
    <li class="panel" id=${field}>
      <h2>${name}</h2>
      <p class="field-now ${now ? "" : "absent"}">
        ${now ? value : t.unset}${now && field !== ALWAYS && html` <small>${t.from(dayName(now.since))}</small>`}
      </p>
      <p class="hint">${purpose}</p>
      <${Form} field=${field} state=${state} wanted=${wanted} change=${change} firstDay=${stated.length ? null : firstDay} />
      <p class="hint" role="status">${state.done}</p>
      <${Stated} field=${field} name=${name} stated=${stated} change=${change} />
    </li>
  `;
}

function Form({ field, state, wanted, change, firstDay }) {
  const [name, unit] = t.fields[field];
  const form = useRef();
  useEffect(() => {
    if (!wanted) return;
    form.current.scrollIntoView({ block: "center" });
    form.current.elements.value.focus({ preventScroll: true });
  }, [wanted]);
  const submit = (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const body = { value: asValue(field, given.get("value")), since: given.get("since") ?? today() };
    change(() => api.stateProfile(field, body), t.saved(name));
  };
  const said = `${field}-problem`;
  return html`
    <form class="field-form" ref=${form} onSubmit=${submit} noValidate>
      <label>${t.value}${unit && `, ${unit}`}<${Input} field=${field} problem=${state.problem} said=${said} /></label>
      ${
        field !== ALWAYS &&
        html`<label>${t.since}<input type="date" name="since" defaultValue=${firstDay ?? today()} required /></label>`
      }
      <button disabled=${state.busy} aria-label="${t.add}: ${name}">${state.busy ? t.adding : t.add}</button>
      ${state.problem && html`<div id=${said} class="problem" role="alert">${state.problem.message} ${state.problem.nextStep}</div>`}
    </form>
  `;
}

function Input({ field, problem, said }) {
  const common = {
    name: "value",
    "aria-invalid": problem ? "true" : undefined,
    "aria-describedby": problem ? said : undefined,
  };
  if (field === "sex") {
    return html`<select ...${common}>
      <option value="">${t.choose}</option>
      ${Object.entries(t.sexes).map(([value, name]) => html`<option value=${value}>${name}</option>`)}
    </select>`;
  }
  if (field === ALWAYS) return html`<input type="date" ...${common} />`;
  if (field === "zone") {
    return html`<input ...${common} placeholder=${Intl.DateTimeFormat().resolvedOptions().timeZone} spellcheck="false" />`;
  }
  return html`<input ...${common} inputmode="decimal" autocomplete="off" />`;
}

const Stated = ({ field, name, stated, change }) =>
  stated.length > 0 &&
  html`
    <ul class="stated" aria-label="${t.history}: ${name}">
      ${stated.map(
        (one) => html`
          <li key=${one.since}>
            <span>
              ${shown(field, one.value)}
              ${field !== ALWAYS && html` <small>${t.from(dayName(one.since))}</small>`}
            </span>
            <button
              class="quiet"
              aria-label=${t.remove(shown(field, one.value), dayName(one.since))}
              onClick=${() => change(() => api.unstateProfile(field, one.since), t.removed(name))}
            >
              ${t.removeShort}
            </button>
          </li>
        `,
      )}
    </ul>
  `;
