// What the explorer looks at: which metric, from when to when, of which sources. All of it stands in
// the address; zooming shows at once what is there and then asks the hub for what fits.

import { computed, effect, signal } from "@preact/signals";
import * as api from "../api.js";
import { known } from "../devices.js";
import { ask, asked } from "../query.js";
import { daysOf, showsSamples, sourcesOf } from "./model.js";

const POINTS = 1500;
const REST_MS = 160;
const [SHORTEST, LONGEST] = [2000, 12 * 366 * 86_400_000];
const DAY = 86_400_000;
const NO_SAMPLES = { sources: [], resolution: "day" };

const iso = (at) => new Date(Math.round(at)).toISOString();
const instantOf = (given) => {
  const at = Date.parse(given ?? "");
  return Number.isNaN(at) ? null : at;
};

export class Explorer {
  /** `extent` is all there is: [first, last] in ms; `home` the span that is shown unasked; `clock`
   * the wearer's. One that is `beside` another shares where and when it looks. */
  constructor(type, { extent, home, clock, beside }) {
    this.type = type;
    this.extent = extent;
    this.home = home;
    this.beside = beside;
    this.span = beside?.span ?? signal(spanAsked() ?? home);
    this.cursor = beside?.cursor ?? signal(null);
    this.clock = beside?.clock ?? signal(clock);
    this.view = signal(null);
    this.busy = signal(false);
    this.problem = signal(null);
    this.hidden = signal(new Set((asked().without ?? "").split(",").filter(Boolean)));
    this.sources = computed(() => (this.view.value ? sourcesOf(this.view.value) : []));
    this.shown = computed(() => this.sources.value.filter(({ id }) => !this.hidden.value.has(id)));
    this.stop = effect(() => this.later(this.span.value));
  }

  /** The first look comes at once, later ones when the zoom has come to rest. */
  later(span) {
    clearTimeout(this.pending);
    this.cancel?.abort();
    this.cancel = new AbortController();
    const { signal: cancelled } = this.cancel;
    const wait = this.view.peek() ? REST_MS : 0;
    this.pending = setTimeout(() => {
      if (wait && !this.beside) this.note(span);
      this.fetch(span, cancelled);
    }, wait);
  }

  /** Days come once and whole: ten years of them are one small answer. */
  async fetch(span, cancelled) {
    this.busy.value = true;
    try {
      this.daily ??= await this.fetchDays();
      const days = daysOf(this.daily);
      const samples = showsSamples(span, { days }) ? await this.fetchSamples(span, cancelled) : NO_SAMPLES;
      this.view.value = { daily: this.daily, days, ...samples };
      this.problem.value = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.problem.value = problem;
    }
    this.busy.value = false;
  }

  async fetchDays() {
    const [daily] = await Promise.all([api.metricDays(this.type), known]);
    return daily;
  }

  async fetchSamples([low, high], cancelled) {
    const { sources, resolution } = await api.metric(this.type, { start: iso(low), end: iso(high), points: POINTS }, cancelled);
    return { sources, resolution };
  }

  again() {
    this.later(this.span.peek());
  }

  /** What the address says, after a step back. */
  follow() {
    const wanted = spanAsked() ?? this.home;
    if (wanted.some((at, n) => Math.round(at) !== Math.round(this.span.peek()[n]))) this.span.value = wanted;
  }

  note([low, high]) {
    ask({ from: iso(low), to: iso(high) }, { push: false });
  }

  zoomTo([low, high]) {
    if (this.beside) return void this.beside.zoomTo([low, high]);
    const length = Math.min(LONGEST, Math.max(SHORTEST, high - low));
    const middle = (low + high) / 2;
    const [first, last] = [this.extent[0] - length, this.extent[1] + length];
    const from = Math.min(Math.max(middle - length / 2, first), last - length);
    this.span.value = [from, from + length];
  }

  /** Back to where one began; from there, all there is. */
  reset() {
    if (this.beside) return void this.beside.reset();
    const there = this.span.peek().every((at, n) => Math.abs(at - this.home[n]) < 1000);
    const [first, last] = this.extent;
    this.span.value = there ? [first, Math.max(last, first + DAY)] : this.home;
  }

  toggle(id) {
    const hidden = new Set(this.hidden.peek());
    if (!hidden.delete(id)) hidden.add(id);
    this.hidden.value = hidden;
    ask({ without: [...hidden].join(",") }, { push: false });
  }

  close() {
    this.stop();
    clearTimeout(this.pending);
    this.cancel?.abort();
  }
}

function spanAsked() {
  const [low, high] = [instantOf(asked().from), instantOf(asked().to)];
  return low !== null && high !== null && high > low ? [low, high] : null;
}
