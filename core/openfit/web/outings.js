// The list of activities as far as it is loaded, and what can honestly be said about it.

import { signal } from "@preact/signals";

import { getActivities } from "./api.js";
import { known } from "./format.js";

const PAGE = 60;
const MONTH_MS = 30 * 24 * 3600 * 1000;

export const items = signal(null); // null until the first answer
export const cursor = signal(null);
export const busy = signal(false);
export const failure = signal(null);

let asked = 0;

async function load(query, keep) {
  const mine = ++asked;
  busy.value = true;
  failure.value = null;
  try {
    const page = await getActivities(query);
    if (mine !== asked) return;
    items.value = [...keep, ...page.items];
    cursor.value = page.next_cursor ?? null;
  } catch (problem) {
    if (mine === asked) failure.value = problem;
  } finally {
    if (mine === asked) busy.value = false;
  }
}

export const reload = () => load({ limit: Math.min(500, Math.max(PAGE, items.value?.length ?? 0)) }, []);
export const loadMore = () => load({ limit: PAGE, cursor: cursor.value }, items.value);

export function forget() {
  asked++;
  items.value = null;
  cursor.value = null;
}

// A device's own total where there is one, else ours.
export const total = (row, field) => row.reported?.[field] ?? row.computed?.[field];
export const timeOf = (row) =>
  total(row, "timer_seconds") ?? total(row, "moving_seconds") ?? total(row, "elapsed_seconds");

const span = (row) => {
  const start = Date.parse(row.start);
  return [start, row.end ? Date.parse(row.end) : start];
};

// Records of one outing by several devices count once: the one that knows a distance speaks.
export function distinct(rows) {
  const kept = [];
  for (const row of rows) {
    const twin = row.twins ? kept.findIndex((other) => other.twins && overlap(row, other)) : -1;
    if (twin < 0) kept.push(row);
    else if (!known(total(kept[twin], "distance"))) kept[twin] = row;
  }
  return kept;
}

function overlap(a, b) {
  const [[aStart, aEnd], [bStart, bEnd]] = [span(a), span(b)];
  return aStart < bEnd && bStart < aEnd;
}

export function kilometres(rows) {
  const metres = rows.map((row) => total(row, "distance")).filter(known);
  return metres.length ? metres.reduce((sum, way) => sum + way, 0) / 1000 : null;
}

// The answer at the top of the page. "At least" while older ones are not loaded yet.
export function lastThirtyDays(rows, complete, now = Date.now()) {
  const recent = rows.filter((row) => Date.parse(row.start) > now - MONTH_MS);
  const outings = distinct(recent);
  return {
    count: outings.length,
    atLeast: !complete && recent.length === rows.length,
    kilometres: kilometres(outings),
    without: outings.filter((row) => !known(total(row, "distance"))).length,
  };
}

// Newest month first; the last one may go on beyond what is loaded.
export function byMonth(rows, complete) {
  const months = new Map();
  for (const row of rows) {
    const key = row.day.slice(0, 7);
    if (!months.has(key)) months.set(key, []);
    months.get(key).push(row);
  }
  const last = [...months.keys()].at(-1);
  return [...months].map(([key, found]) => ({
    key,
    rows: found,
    outings: distinct(found),
    complete: complete || key !== last,
  }));
}
