// Language, units, first day of the week, colours. What changes words or numbers loads the page anew.

import * as account from "../../account-api.js";
import { useAction } from "../../action.js";
import { html } from "../../html.js";
import { display } from "../../preferences.js";
import { recall } from "../../storage.js";
import { part } from "../../text.js";
import { browserLanguage, LANGUAGES } from "../../text/language.js";
import { regional, SYSTEMS } from "../../units.js";
import { regionalStart, STARTS } from "../../week.js";
import { Field } from "../field.js";
import { ThemeSwitch } from "../nav.js";
import { Outcome } from "../outcome.js";

const t = (await part("settings")).display;

const CHOICES = [
  ["language", LANGUAGES, () => LANGUAGES[browserLanguage]],
  ["units", Object.fromEntries(SYSTEMS.map((one) => [one, t.systems[one]])), () => t.systems[regional].split(":")[0]],
  ["week_start", Object.fromEntries(STARTS.map((one) => [one, t.days[one]])), () => t.days[regionalStart]],
];

export function Display() {
  const [state, run] = useAction();
  const choose = (name, value) =>
    run(async () => {
      await account.prefer(display.remember(name, value || null));
      location.reload();
    });
  return html`
    <section aria-labelledby="display">
      <h2 id="display">${t.title}</h2>
      <p class="hint">${t.lead}</p>
      ${CHOICES.map(
        ([name, choices, device]) => html`
          <${Field} label=${t[name]} name=${name} value=${recall(name) ?? ""} disabled=${state.busy}
            onChange=${(event) => choose(name, event.target.value)}
            choices=${[["", t.asDevice(device())], ...Object.entries(choices)]} />
        `,
      )}
      <div class="field"><span class="field-name">${t.theme}</span><${ThemeSwitch} /></div>
      <${Outcome} state=${state} />
    </section>
  `;
}
