// Counts with their noun. Languages of more than two forms hand over an object by Intl's categories.

import { language, LOCALE } from "./language.js";

const rules = new Intl.PluralRules(language);
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });

export const count = (n) => whole.format(n);

export function many(n, one, other = `${one}s`) {
  const forms = typeof one === "object" ? one : { one, other };
  return `${count(n)} ${forms[rules.select(n)] ?? forms.other}`;
}

/** 0.8 as "80 %". */
export const percent = (share) => `${count(share * 100)} %`;
