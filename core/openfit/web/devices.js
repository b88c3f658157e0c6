// One hue per device, the same on every page: the colours of Okabe and Ito, in the order in which
// devices first told of anything, so that a new one changes none.

import * as api from "./api.js";

const HUES = 6;
const order = new Map();
const ageOf = ({ first_at: first, source_id: id }) => `${first ?? "9"} ${id}`;
const byAge = (a, b) => (ageOf(a) < ageOf(b) ? -1 : 1);

/** Asks once which devices there are; one that comes to light later takes the next hue. */
export const known = api.devices().then(
  ({ items }) => [...items].sort(byAge).forEach(({ source_id: id }) => placeOf(String(id))),
  () => {},
);

function placeOf(id) {
  if (!order.has(id)) order.set(id, order.size);
  return order.get(id);
}

export const hueOf = (sourceId) => `device-${placeOf(String(sourceId)) % HUES}`;
/** Which dash tells a device that does not lead from others. */
export const dashOf = (sourceId) => placeOf(String(sourceId));
