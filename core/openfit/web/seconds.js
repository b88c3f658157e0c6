// A night second by second: what of it is looked at, and what the hub has of that. Zooming shows at
// once what is there, and then asks for what fits.

import { effect, signal } from "@preact/signals";
import * as api from "./api.js";
import { nearest } from "./series.js";

const [SECOND, HALF_HOUR] = [1000, 1_800_000];
const [SHORTEST, REST_MS] = [10 * SECOND, 160];
const POINTS = 2000;
const REACH = SECOND / 2; // of a sample beside which something is missing

const at = (instant) => Date.parse(instant);
const iso = (ms) => new Date(Math.round(ms)).toISOString();

/** The sleep that some source told with half an hour around it; else all that was measured. */
function homeOf({ begin, end, first, last, sleep }) {
  const [low, high] = [at(first), at(last) + SECOND];
  if (!sleep?.end) return [low, high];
  const [from, to] = [Math.max(at(sleep.start) - HALF_HOUR, at(begin)), Math.min(at(sleep.end) + HALF_HOUR, at(end))];
  return from < high && to > low ? [from, to] : [low, high];
}

export class SecondsView {
  constructor(night, clock) {
    this.day = night.day;
    this.noons = [at(night.begin), at(night.end)];
    this.whole = [at(night.first), at(night.last) + SECOND];
    this.home = homeOf(night);
    this.span = signal(this.home);
    this.cursor = signal(null);
    this.clock = signal(clock);
    this.night = signal({ ...night, looked: this.noons });
    this.problem = signal(null);
    this.busy = signal(false);
    let first = this.home.every((one, n) => one === this.whole[n]);
    this.stop = effect(() => {
      const span = this.span.value;
      if (!first) this.later(span);
      first = false;
    });
  }

  later(span) {
    clearTimeout(this.pending);
    this.cancel?.abort();
    this.cancel = new AbortController();
    const { signal: cancelled } = this.cancel;
    this.pending = setTimeout(() => this.fetch(span, cancelled), REST_MS);
  }

  async fetch([low, high], cancelled) {
    this.busy.value = true;
    try {
      const query = { start: iso(low), end: iso(high), points: POINTS };
      const found = await api.nightSeconds(this.day, query, cancelled);
      this.night.value = { ...found, looked: [low, high] };
      this.problem.value = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.problem.value = problem;
    }
    this.busy.value = false;
  }

  again() {
    this.later(this.span.peek());
  }

  zoomTo([low, high]) {
    const [first, last] = this.noons;
    const length = Math.min(Math.max(high - low, SHORTEST), last - first);
    const from = Math.min(Math.max((low + high - length) / 2, first), last - length);
    this.span.value = [from, from + length];
  }

  /** Back to where one began; from there, all that was measured. */
  reset() {
    const there = this.span.peek().every((one, n) => Math.abs(one - this.home[n]) < SECOND);
    this.span.value = there ? this.whole : this.home;
  }

  close() {
    this.stop();
    clearTimeout(this.pending);
    this.cancel?.abort();
  }
}

/** The value of a column at an instant: the nearest, unless something is missing there. */
export function valueOver({ t, v, breaks }, when) {
  const n = nearest(t, when);
  if (n < 0) return null;
  if (Math.abs(t[n] - when) <= REACH) return v[n];
  const next = t[n] < when ? n + 1 : n;
  return next > 0 && next < t.length && !breaks.includes(next) ? v[n] : null;
}

/** [from, to] of where a column has nothing, from edge to edge of a span. */
export function missing({ t, breaks }, [low, high]) {
  if (!t.length) return [[low, high]];
  const inner = breaks.map((n) => [t[n - 1] + SECOND, t[n]]);
  const [first, last] = [t[0], t.at(-1) + SECOND];
  return [[low, first], ...inner, [last, high]].filter(([from, to]) => to > from);
}

/** What is in every one of some lists of stretches. */
export function common([first, ...others]) {
  return others.reduce(
    (held, next) => held.flatMap(([a, b]) => next.map(([c, d]) => [Math.max(a, c), Math.min(b, d)])).filter(([a, b]) => b > a),
    first ?? [],
  );
}
