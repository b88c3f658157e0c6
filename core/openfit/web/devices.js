// One hue per device, the same on every page: the colours of Okabe and Ito, in the order in which
// the hub knows the devices.

import * as api from "./api.js";

const HUES = 7;
const order = new Map();

/** Asks once which devices there are; one that comes to light later takes the next hue. */
export const known = api.devices().then(
  ({ items }) => items.forEach(({ source_id: id }) => placeOf(String(id))),
  () => {},
);

function placeOf(id) {
  if (!order.has(id)) order.set(id, order.size);
  return order.get(id);
}

export const hueOf = (sourceId) => `device-${placeOf(String(sourceId)) % HUES}`;
/** Which dash tells a device that does not lead from others. */
export const dashOf = (sourceId) => placeOf(String(sourceId));
