// The day that a week begins on: the person's choice, else their region's.

import { recall } from "./storage.js";
import { LOCALE } from "./text/language.js";

export const STARTS = ["monday", "saturday", "sunday"];
const NUMBERS = { monday: 1, saturday: 6, sunday: 7 }; // as ISO 8601 counts
const locale = new Intl.Locale(LOCALE);
const regional = (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;

export const regionalStart = STARTS.find((one) => NUMBERS[one] === regional) ?? "monday";
const chosen = recall("week_start");
/** 1 is Monday, 7 is Sunday. */
export const firstWeekday = NUMBERS[STARTS.includes(chosen) ? chosen : regionalStart];
