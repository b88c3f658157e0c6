// Rankings of sources: who measures what, in which order they count, and what another order changes.

import * as api from "./api.js";

export const ALL = "*";
const at = (metric) => `/ladders/${encodeURIComponent(metric)}`;

export const ladders = () => api.getJson("/ladders", { own: true });
export const rank = (metric, ranking) => api.getJson(at(metric), { method: "PUT", body: { ranking } });
export const drop = (metric) => api.getJson(at(metric), { method: "DELETE" });

const MANUAL = "manual"; // a person's word needs no rank

/** Sources by the metrics that they give: [{metric, name, sources}], those of several first named. */
export function measuredBy({ items }) {
  const found = new Map();
  for (const source of items.filter(({ integration }) => integration !== MANUAL))
    for (const { metric, name } of source.metrics) {
      if (!found.has(metric)) found.set(metric, { metric, name, sources: [] });
      found.get(metric).sources.push(source);
    }
  return [...found.values()].filter(({ sources }) => sources.length > 1);
}

export const everySource = ({ items }) =>
  items.filter(({ integration, metrics }) => integration !== MANUAL && metrics.length > 0);

/** {ranking, basis}: what holds for a metric now, and whose say that is. */
export function inForce({ items }, metric) {
  const of = (name) => items.find((one) => one.metric === name)?.ranking;
  if (of(metric)) return { ranking: of(metric), basis: "own" };
  if (of(ALL)) return { ranking: of(ALL), basis: "all" };
  return { ranking: [], basis: "none" };
}

const placeIn = (list, ...names) => {
  const found = names.map((name) => list.indexOf(name)).filter((n) => n >= 0);
  return found.length ? Math.min(...found) : list.length;
};

/** As the hub ranks them: a source by its name or its type, then by the usual order of types. */
export function ordered(sources, ranking, usual) {
  const key = ({ source_id: id, type }) => [placeIn(ranking, id, type), placeIn(usual, type), Number(id)];
  const compare = (a, b) => a.map((one, n) => one - b[n]).find((difference) => difference !== 0) ?? 0;
  return [...sources].sort((a, b) => compare(key(a), key(b)));
}

/** A ranking of what is shown, which keeps what it does not show. */
export function ranking(order, before) {
  const shown = order.map(({ source_id: id }) => id);
  return [...shown, ...before.filter((step) => !shown.includes(step))];
}

/** {changed, days}: on how many days another source's value would be shown; null for sums, which
 * are put together from all. */
export async function effect(metric, before, after) {
  const found = await api.metricDays(metric, { apart: true });
  if (found.winner.every((one) => one === null)) return null;
  const columns = new Map(found.sources.map(({ source_id: id, values }) => [id, values]));
  const best = (order, n) => order.find(({ source_id: id }) => (columns.get(id)?.[n] ?? null) !== null)?.source_id;
  const ranked = new Set(after.map(({ source_id: id }) => id));
  const open = found.days.map((_, n) => n).filter((n) => ranked.has(found.sources[found.winner[n]]?.source_id));
  return { changed: open.filter((n) => best(before, n) !== best(after, n)).length, days: open.length };
}
