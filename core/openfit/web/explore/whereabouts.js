// Where the wearer's clock stood: as the hub knows it, else as the stated zone or this browser says.

import * as api from "../api.js";
import { offsetMinutes } from "../format.js";
import { inForce } from "../results.js";
import { Clock, zoneOffsets } from "./clock.js";

const DAY = 86_400_000;
const isoDay = (at) => new Date(at).toISOString().slice(0, 10);

function guessed(profile, [low, high]) {
  const zone = inForce(profile, "zone", isoDay(Date.now()))?.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return new Clock(zoneOffsets(zone, low, high));
}

/** The clock over a span [low, high] of instants. */
export async function wearerClock(profile, span) {
  const [from, to] = [isoDay(span[0] - DAY), isoDay(span[1] + DAY)];
  const { items } = await api.clock({ from, to }).catch(() => ({ items: [] }));
  const known = items.filter(({ basis }) => basis !== "unknown");
  if (!known.length) return guessed(profile, span);
  return new Clock(known.map(({ start, utc_offset: offset }) => ({ at: Date.parse(start), minutes: offsetMinutes(offset) })));
}
