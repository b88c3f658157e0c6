// Where the marks of an upright axis stand: on values that are round as they are written, not as
// they are stored.

import { onFoot } from "./totals.js";
import { factor, lengths } from "./units.js";

const MOST = 5;
const ROUND = [1, 2, 5];
const PACE_STEPS = [60, 30, 15, 5]; // s
const SLOWEST = 1800;
const ENOUGH = 3;
const APART = 0.2; // of the axis, so that no two paces are written over each other

function roundStep(span) {
  for (let power = 10 ** Math.floor(Math.log10(span / MOST)); ; power *= 10) {
    const found = ROUND.find((one) => one * power * MOST >= span);
    if (found) return found * power;
  }
}

/** Even steps of what is written, which is `factor` times what is stored, from `zero` on. */
export const even = (factor, zero = 0) => (low, high) => {
  const step = roundStep((high - low) * factor);
  const [from, to] = [low, high].map((value) => value * factor + zero);
  const marks = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++) marks.push((n * step - zero) / factor);
  return marks;
};

/** Speeds whose pace over `metres` is a multiple of `step`; the slow ones crowd and give way. */
function pacesBy(step, metres, low, high) {
  const marks = [];
  const slowest = Math.min(SLOWEST, metres / low);
  for (let pace = Math.ceil(metres / high / step) * step; pace <= slowest; pace += step) {
    const speed = metres / pace;
    if (!marks.length || marks[0] - speed >= APART * (high - low)) marks.unshift(speed);
  }
  return marks;
}

/** Whole minutes if they fill the axis, else halves of them, and so on. */
const paces = (metres) => (low, high) => {
  const found = PACE_STEPS.map((step) => pacesBy(step, metres, Math.max(low, 0), high));
  return found.find((marks) => marks.length >= ENOUGH) ?? found.at(-1);
};

export function speedTicks(sport) {
  if (onFoot(sport)) return paces(lengths().far.metres);
  return sport === "swimming" ? paces(lengths().pool.metres) : even(factor("m/s"));
}
