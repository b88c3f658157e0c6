// Which activities are wanted: what the address asks, as the hub is asked, and as chips say it.

import { distance, plainDay, words } from "./format.js";
import { lengths } from "./units.js";

export const HAS = ["track", "heart_rate", "power", "notes"];
const FIELDS = ["q", "sport", "source", "from", "to", "min", "max", "has", "tag"];

/** Only what filters; the view and the month are not filters. */
export const filtersOf = (asked) => Object.fromEntries(FIELDS.filter((name) => asked[name]).map((name) => [name, asked[name]]));
export const noFilters = Object.fromEntries(FIELDS.map((name) => [name, null]));

const metres = (given) => {
  const far = Number(String(given ?? "").replace(",", "."));
  return given && Number.isFinite(far) && far >= 0 ? far * lengths().far.metres : undefined;
};

/** The query of GET /activities. Lengths stand in the address in the unit of the person. */
export function wanted({ q, sport, source, from, to, min, max, has, tag }) {
  return {
    q, from, to,
    sport: sport?.split(","),
    source: source?.split(","),
    has: has?.split(",").filter((one) => HAS.includes(one)),
    tag: tag?.split(","),
    min_distance: metres(min),
    max_distance: metres(max),
  };
}

/** [{key, said, without}]: each filter in words, and the change of the address that takes it away. */
export function chipsOf(filters, t, sources) {
  const { q, sport, source, from, to, min, max, has, tag } = filters;
  const each = (name, given, say) =>
    (given?.split(",") ?? []).map((one, n, all) => ({
      key: `${name}-${one}`,
      said: say(one),
      without: { [name]: all.filter((other) => other !== one).join(",") },
    }));
  const oneDay = from && from === to;
  return [
    q && { key: "q", said: t.chips.q(q), without: { q: null } },
    ...each("sport", sport, words),
    ...each("source", source, (id) => sources.find((one) => one.id === id)?.name ?? id),
    oneDay && { key: "on", said: t.chips.on(plainDay(from)), without: { from: null, to: null } },
    !oneDay && from && { key: "from", said: t.chips.from(plainDay(from)), without: { from: null } },
    !oneDay && to && { key: "to", said: t.chips.to(plainDay(to)), without: { to: null } },
    min && { key: "min", said: t.chips.min(distance(metres(min))), without: { min: null } },
    max && { key: "max", said: t.chips.max(distance(metres(max))), without: { max: null } },
    ...each("has", has, (one) => t.chips.has(t.has[one] ?? one)),
    ...each("tag", tag, t.chips.tag),
  ].filter(Boolean);
}
