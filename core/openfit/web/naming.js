// What plugins call themselves and what they bring. A manifest speaks English; the catalogue has what
// the hub's own say, in the language of the page.

import { part } from "./text.js";

const names = await part("names");

export const given = (said) => names.given[said] ?? said;
