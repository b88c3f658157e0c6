// Which language the page speaks: the person's choice, else the browser's first that is known here.
// Numbers and days are written as the browser's own region writes them, if that is of this language.

import { recall } from "../storage.js";

export const LANGUAGES = { en: "English", de: "Deutsch" };
const REGIONS = { en: "en-GB", de: "de-DE" };

const wished = navigator.languages?.length ? navigator.languages : [navigator.language];
const short = (tag) => tag.split("-")[0];

export const browserLanguage = wished.map(short).find((one) => one in LANGUAGES) ?? "en";
const chosen = recall("language");
export const language = chosen in LANGUAGES ? chosen : browserLanguage;
export const LOCALE =
  wished.find((tag) => short(tag) === language && tag.includes("-")) ?? REGIONS[language];

document.documentElement.lang = language;

/** A name within a sentence: German keeps its capitals, and so does an abbreviation. */
export const within = (name) =>
  language === "de" || !/^\p{Lu}\p{Ll}/u.test(name)
    ? name
    : name.charAt(0).toLowerCase() + name.slice(1);
