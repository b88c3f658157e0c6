// The samples of the activity that is shown: which are drawn and how, where the cursor stands,
// which stretch is zoomed into. Charts and track read the same signals and so stay together.

import { computed, effect, signal } from "@preact/signals";
import * as api from "./api.js";
import { measured, metricName, number, unitName } from "./format.js";
import { gapAfter, interpolate, rising } from "./series.js";
import { even, speedTicks } from "./ticks.js";
import { cadenceFactor, cadenceUnit, speedName, writeSpeed } from "./totals.js";
import { factor, lengths } from "./units.js";

/** As many as a screen of this width can tell apart. */
const POINTS = Math.round(Math.min(1200, Math.max(400, innerWidth * 0.6)));
const REST_MS = 120;
const WHOLE_FROM = 100;
const NOT_CHARTED = new Set([
  "latitude",
  "longitude",
  "track_distance",
  "distance",
  "gps_accuracy",
  "steps",
]);
const ORDER = ["heart_rate", "speed", "altitude", "power", "cadence", "grade", "respiration_rate"];
const COLOURS = {
  heart_rate: "heart_rate", speed: "speed", altitude: "altitude", power: "power",
  cadence: "cadence", ambient_temperature: "temperature",
};

/** How a metric is written for this sport: factor, unit, digits, name. */
function style(info, sport) {
  const given = {
    name: metricName(info.metric, info.name),
    unit: unitName(info.unit),
    colour: COLOURS[info.metric] ?? "other",
  };
  const plain = (factor, digits) => (value) => number(value * factor, digits);
  if (info.metric === "power") return { ...given, write: plain(1, 0) };
  if (info.metric === "altitude") {
    return { ...given, ticks: even(factor("m")), write: plain(factor("m"), 0) };
  }
  if (info.metric === "heart_rate") return { ...given, unit: "bpm", write: plain(1, 0) };
  if (info.metric === "cadence") {
    const factor = cadenceFactor(sport);
    return { ...given, unit: cadenceUnit(sport), ticks: even(factor), write: plain(factor, 0) };
  }
  if (info.metric === "speed") {
    const write = writeSpeed(sport);
    return {
      ...given,
      name: speedName(sport),
      unit: write(1).unit,
      ticks: speedTicks(sport),
      write: (v) => write(v).value,
    };
  }
  const digits = (value) => (Math.abs(value) < WHOLE_FROM ? 1 : 0);
  return { ...given, write: (value) => measured(value, info.unit, digits(value)).value };
}

/** One stream a metric: the source's own where there is one, ours where there is none. */
function charted(streams, sport) {
  const best = new Map();
  for (const info of streams) {
    if (NOT_CHARTED.has(info.metric) || info.n < 2) continue;
    if (best.get(info.metric)?.method !== "reported") best.set(info.metric, info);
  }
  const rank = ({ metric }) => (ORDER.indexOf(metric) + ORDER.length + 1) % (ORDER.length + 1);
  return [...best.values()]
    .sort((a, b) => rank(a) - rank(b))
    .map((info) => ({ ...info, ...style(info, sport), main: ORDER.includes(info.metric) }));
}

export class Course {
  constructor(detail) {
    this.id = detail.id;
    this.offset = detail.activity.utc_offset;
    this.start = Date.parse(detail.activity.start);
    this.pauses = (detail.activity.pauses ?? [])
      .map(({ start, end }) => [Date.parse(start) - this.start, Date.parse(end) - this.start])
      .sort((a, b) => a[0] - b[0]);
    this.charts = charted(detail.streams ?? [], detail.activity.sport);
    this.samples = signal(null);
    this.whole = null;
    this.track = signal(null);
    this.problem = signal(null);
    this.cursor = signal(null);
    this.zoom = signal(null);
    this.axis = signal("time");
    this.finer = signal(false);
    /** {id, name, samples}: another record of the event, laid over the charts. */
    this.twin = signal(null);
    this.extent = computed(() => this.zoom.value ?? this.span(this.samples.value));
    this.stop = effect(() => this.refine(this.zoom.value));
  }

  async load() {
    try {
      const [samples, track] = await Promise.all([this.fetch(), api.track(this.id, { points: POINTS })]);
      this.whole = samples;
      this.samples.value = samples;
      this.track.value = track;
    } catch (problem) {
      this.problem.value = problem;
    }
  }

  /** Lays another record of the event over the charts, on the time that both share. */
  async overlay(twin) {
    this.twin.value = null;
    if (!twin) return;
    try {
      const metrics = this.charts.map((chart) => chart.metric).join(",");
      const found = await api.streams(twin.id, { metrics, points: POINTS });
      const later = Date.parse(found.start) - this.start;
      const moved = found.streams.map((one) => [one.metric, { ...one, t: one.t.map((at) => at + later) }]);
      this.twin.value = { ...twin, samples: new Map(moved) };
    } catch (problem) {
      this.problem.value = problem;
    }
  }

  async fetch(span, cancel) {
    const at = (millis) => new Date(this.start + millis).toISOString();
    const stretch = span ? { start: at(span[0]), end: at(span[1]) } : {};
    const metrics = [...this.charts.map((chart) => chart.metric), "track_distance"].join(",");
    const found = await api.streams(this.id, { metrics, points: POINTS, ...stretch }, cancel);
    const byMetric = new Map();
    for (const one of found.streams) {
      const chart = this.charts.find(({ metric }) => metric === one.metric);
      if (chart && chart.method !== one.method) continue;
      byMetric.set(one.metric, { ...one, gap: gapAfter(one.t) });
    }
    return byMetric;
  }

  /** Zooming shows at once what is there, then fetches what the stretch has in full. */
  refine(span) {
    clearTimeout(this.pending);
    this.cancel?.abort();
    if (!this.whole) return;
    if (!span) {
      this.samples.value = this.whole;
      this.finer.value = false;
      return;
    }
    this.cancel = new AbortController();
    this.pending = setTimeout(() => this.refetch(span, this.cancel.signal), REST_MS);
  }

  async refetch(span, cancel) {
    this.finer.value = true;
    try {
      this.samples.value = await this.fetch(span, cancel);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.problem.value = problem;
    }
    this.finer.value = false;
  }

  close() {
    this.stop();
    clearTimeout(this.pending);
    this.cancel?.abort();
  }

  span(samples) {
    let [low, high] = [Infinity, -Infinity];
    for (const { t } of samples?.values() ?? []) {
      if (!t.length) continue;
      low = Math.min(low, t[0]);
      high = Math.max(high, t.at(-1));
    }
    return low < high ? [low, high] : [0, 1];
  }

  // The axis: milliseconds of the recording, or metres of it.

  odometer() {
    const found = this.whole?.get("track_distance");
    if (!found || found.t.length < 2) return null;
    this.metres ??= { t: found.t, v: rising(found.v) };
    return this.metres;
  }

  toAxis(millis) {
    const far = this.axis.value === "distance" && this.odometer();
    return far ? interpolate(far.t, far.v, millis) / lengths().far.metres : millis / 1000;
  }

  fromAxis(x) {
    const far = this.axis.value === "distance" && this.odometer();
    return far ? interpolate(far.v, far.t, x * lengths().far.metres) : x * 1000;
  }
}
