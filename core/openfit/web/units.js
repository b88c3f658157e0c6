// Units as a person reads them. Everything is stored and sent in SI; here alone it is turned.

import { recall } from "./storage.js";
import { LOCALE } from "./text/language.js";

const IMPERIAL_REGIONS = new Set(["US", "LR", "MM"]);
export const regional = IMPERIAL_REGIONS.has(new Intl.Locale(LOCALE).region) ? "imperial" : "metric";

export const SYSTEMS = ["metric", "imperial"];
const chosen = recall("units");
/** What this page shows; a change loads the page anew. */
export const system = SYSTEMS.includes(chosen) ? chosen : regional;

const times = (factor) => (value) => value * factor;

/** By UCUM code: how a value is turned, and the unit it then has. */
const TURNED = {
  metric: {
    m: { turn: times(1), unit: "m" },
    km: { turn: times(1), unit: "km" },
    kg: { turn: times(1), unit: "kg" },
    cm: { turn: times(1), unit: "cm" },
    Cel: { turn: times(1), unit: "°C" },
    "m/s": { turn: times(3.6), unit: "km/h" },
  },
  imperial: {
    m: { turn: times(1 / 0.3048), unit: "ft" },
    km: { turn: times(1 / 1.609344), unit: "mi" },
    kg: { turn: times(1 / 0.45359237), unit: "lb" },
    cm: { turn: times(1 / 2.54), unit: "in" },
    Cel: { turn: (value) => (value * 9) / 5 + 32, unit: "°F" },
    "m/s": { turn: times(3600 / 1609.344), unit: "mph" },
  },
};

/** Lengths that people count in: a road's, and the hundred of a pool. `least` is the shortest
 * that is not better said in the small unit. */
const LENGTHS = {
  metric: {
    far: { metres: 1000, unit: "km", least: 1000 },
    pool: { metres: 100, unit: "100 m" },
  },
  imperial: {
    far: { metres: 1609.344, unit: "mi", least: 160.9 },
    pool: { metres: 91.44, unit: "100 yd" },
  },
};

export const lengths = (of = system) => LENGTHS[of];

const NAMES = { deg: "°", "mm[Hg]": "mmHg", "/min": "/min", 1: "" };

/** {value, unit} of a stored value, in units of the person; differences have no zero to move. */
export function turned(value, code, { of = system, difference = false } = {}) {
  const known = TURNED[of][code];
  if (!known) return { value, unit: NAMES[code] ?? code.replace(/[{}]/g, "") };
  const moved = known.turn(value) - (difference ? known.turn(0) : 0);
  return { value: moved, unit: known.unit };
}

/** The factor of a unit that has one: what is shown, of what is stored. */
export const factor = (code, of = system) => turned(1, code, { of, difference: true }).value;
export const unitName = (code, of = system) => turned(1, code, { of }).unit;
