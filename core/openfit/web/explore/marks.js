// What happened while something was measured: activities, the journal, travel, stretches without
// data. Marks that stand too close together are one.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { sportName, plainDay } from "../format.js";
import { isoOf, numberOf } from "../load.js";
import { part } from "../text.js";
import { holes } from "./model.js";
import { instant } from "./words.js";

const t = (await part("explorer")).marks;
const DAY = 86_400_000;
const REST_MS = 300;
const MOST = 200;
const ACTIVITIES_TO = 100; // days of span, beyond which activities would stand upon each other

async function happened(from, to, days) {
  const none = { items: [] };
  const [activities, journal] = await Promise.all([
    days <= ACTIVITIES_TO ? api.activities({ from, to, limit: MOST }).catch(() => none) : none,
    api.journal({ from, to, limit: MOST }).catch(() => none),
  ]);
  return { activities: activities.items, journal: journal.items };
}

/** {activities, journal} of the span, once it has come to rest. */
export function useHappened(explorer) {
  const [low, high] = explorer.span.value;
  const clock = explorer.clock.value;
  const [from, to] = [isoOf(clock.dayAt(low)), isoOf(clock.dayAt(high - 1))];
  const [found, setFound] = useState({ activities: [], journal: [] });
  useEffect(() => {
    let asked = true;
    const waiting = setTimeout(() => {
      happened(from, to, (high - low) / DAY).then((value) => asked && setFound(value));
    }, REST_MS);
    return () => {
      asked = false;
      clearTimeout(waiting);
    };
  }, [from, to]);
  return found;
}

const said = ({ tags = [], note }) => [tags.map((tag) => `#${tag}`).join(" "), note].filter(Boolean).join(" · ");

/** [{at, kind, text, href}] within a span, in the order of time. */
export function marksOf({ activities, journal }, view, clock, [low, high]) {
  const length = high - low;
  const noon = (day) => clock.dayStart(numberOf(day)) + DAY / 2;
  const all = [
    ...activities.map((one) => ({
      at: Date.parse(one.start), kind: "activity", href: `/activities/${encodeURIComponent(one.id)}`,
      text: t.activity(one.name ?? sportName(one), instant(Date.parse(one.start), clock, Math.min(length, 30 * DAY))),
    })),
    ...journal.map((one) => ({ at: noon(String(one.day)), kind: "journal", href: `/journal/${one.day}`, text: t.journal(plainDay(String(one.day)), said(one)) })),
    ...clock.notches(low, high).map(({ at, from, to }) => ({ at, kind: "travel", text: t.travel(plainDay(isoOf(clock.dayAt(at))), from, to) })),
    ...holes(view.days).map(([first, last]) => ({
      at: clock.dayStart(first) + ((last - first + 1) * DAY) / 2, kind: "gap", text: t.gap(plainDay(isoOf(first)), plainDay(isoOf(last))),
    })),
  ];
  return all.filter(({ at }) => at >= low && at <= high).sort((a, b) => a.at - b.at);
}

/** Marks in groups, none nearer to the next than `apart` px: [{x, marks}]. */
export function grouped(marks, toX, apart) {
  const groups = [];
  for (const mark of marks) {
    const x = toX(mark.at);
    const last = groups.at(-1);
    if (last && x - last.from < apart) {
      last.marks.push(mark);
      last.x = (last.from + x) / 2;
    } else groups.push({ from: x, x, marks: [mark] });
  }
  return groups;
}
