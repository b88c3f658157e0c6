// The way to the sheet that things are entered by hand in: a button, a key, and the sheet itself
// once it is asked for.

import { adding } from "../adding.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";
import { lazily } from "../lazy.js";
import { viewed } from "../session.js";
import { text } from "../text.js";

const Sheet = lazily(() => import("./entry-sheet.js").then((it) => it.EntrySheet));

export const AddSheet = () => adding.value && html`<${Sheet} key=${adding.value} ...${adding.value} />`;

/** Nobody enters anything for somebody else. */
export const AddButton = ({ day, main = false }) =>
  !viewed.value &&
  html`<button class=${main ? "main" : ""} onClick=${() => (adding.value = { day })}><${Icon} name="plus" />${text.add}</button>`;
