// Where the marks of an upright axis stand: on values that are round as they are written, not as
// they are stored.

import { onFoot } from "./totals.js";

const MOST = 5;
const ROUND = [1, 2, 5];
const KMH = 3.6;
const PACES = [
  60, 75, 90, 105, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480, 600, 720, 900, 1200, 1800,
];
const APART = 0.2; // of the axis, so that no two paces are written over each other

function roundStep(span) {
  for (let power = 10 ** Math.floor(Math.log10(span / MOST)); ; power *= 10) {
    const found = ROUND.find((one) => one * power * MOST >= span);
    if (found) return found * power;
  }
}

/** Even steps of what is written, which is `factor` times what is stored. */
export const even = (factor) => (low, high) => {
  const step = roundStep((high - low) * factor) / factor;
  const marks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) marks.push(n * step);
  return marks;
};

/** Common paces over `metres`; slow is below, and the slow ones crowd, so some give way. */
const paces = (metres) => (low, high) => {
  const marks = [];
  for (const seconds of PACES) {
    const speed = metres / seconds;
    const near = marks.length && marks[0] - speed < APART * (high - low);
    if (speed >= low && speed <= high && !near) marks.unshift(speed);
  }
  return marks;
};

export function speedTicks(sport) {
  if (onFoot(sport)) return paces(1000);
  return sport === "swimming" ? paces(100) : even(KMH);
}
