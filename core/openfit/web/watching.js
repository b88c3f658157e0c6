// A device that is watched: what it last said, the last minutes of it, and how the watching stands.

import { signal } from "@preact/signals";
import { act } from "./acting.js";
import { Clock } from "./explore/clock.js";
import { isNumber } from "./format.js";

export const WINDOW = 180_000;
const [TICK, STALE, LOST] = [500, 6000, 30_000];
const KNOWN = new Set(["connecting", "off", "lost", "no_adapter"]);
const SERIES = new Set(["heart_rate", "rr_interval", "time", "state"]);

const lists = (value) => (Array.isArray(value) ? value : [value]).filter((one) => isNumber(one) && one > 0);

/** A column that keeps its array, for whoever draws it. */
class Column {
  constructor() {
    [this.t, this.v] = [[], []];
  }

  add(t, v) {
    this.t.push(t);
    this.v.push(v);
  }

  forget(before) {
    const n = this.t.findIndex((at) => at >= before);
    this.t.splice(0, n < 0 ? this.t.length : n);
    this.v.splice(0, n < 0 ? this.v.length : n);
  }
}

/** The panels' view too: they share span, cursor and clock. The span goes on with time. */
export class Watch {
  constructor(whose, action) {
    Object.assign(this, { whose, action, heart: new Column(), beats: new Column() });
    const now = Date.now();
    this.span = signal([now - WINDOW, now]);
    this.cursor = signal(null);
    this.clock = signal(new Clock([{ at: 0, minutes: -new Date().getTimezoneOffset() }]));
    this.state = signal("connecting");
    this.said = signal({ values: {} });
    this.message = signal("");
    this.problem = signal(null);
    this.running = signal(false);
  }

  zoomTo() {}

  reset() {}

  async start() {
    if (this.running.peek()) return;
    const stop = (this.stopping = new AbortController());
    this.heardAt = this.measuredAt = Date.now();
    [this.told, this.gaveUp] = [null, false];
    this.problem.value = null;
    this.running.value = true;
    this.state.value = "connecting";
    this.said.value = { values: {} };
    this.ticking = setInterval(() => this.tick(Date.now()), TICK);
    try {
      await act(this.whose, this.action, {}, { signal: stop.signal, onStep: (step) => this.take(step, Date.now()) });
      this.end("lost");
    } catch (problem) {
      if (problem.name === "AbortError") this.end(this.gaveUp ? "lost" : "stopped");
      else this.end(this.state.peek() === "connecting" ? "failed" : "lost", problem);
    }
  }

  stop() {
    this.stopping?.abort();
  }

  end(state, problem = null) {
    clearInterval(this.ticking);
    this.running.value = false;
    this.problem.value = problem;
    this.state.value = KNOWN.has(this.told) && this.told !== "connecting" && state !== "stopped" ? this.told : state;
    this.message.value = "";
  }

  /** What the device says of one moment. What it leaves out was not measured then. */
  take({ message, values = {} }, at) {
    this.heardAt = at;
    if (Object.keys(values).length > 0) this.measuredAt = at;
    this.told = values.state;
    if (message) this.message.value = message;
    if (isNumber(values.heart_rate) && values.heart_rate > 0) this.heart.add(at, values.heart_rate);
    const beats = lists(values.rr_interval ?? []);
    let when = at - beats.reduce((sum, one) => sum + one, 0);
    for (const one of beats) this.beats.add((when += one), one);
    const measured = Object.keys(values).length > 0;
    if (measured) this.said.value = { at, values: { ...kept(this.said.peek().values), ...values } };
    const numbers = "heart_rate" in values || "rr_interval" in values || "wear" in values || "battery" in values;
    if (KNOWN.has(values.state)) this.state.value = values.state;
    else if (values.wear === 0) this.state.value = "off";
    else if (values.wear > 0 || values.heart_rate > 0) this.state.value = "watching";
    else if (numbers && this.state.peek() === "connecting") this.state.value = "watching";
    this.tick(at);
  }

  tick(now) {
    this.heart.forget(now - WINDOW);
    this.beats.forget(now - WINDOW);
    this.span.value = [now - WINDOW, now];
    if (now - this.heardAt <= LOST || !this.running.peek()) return;
    this.gaveUp = true;
    this.stop();
  }

  /** Seconds without a word, once that is worth saying. */
  get silence() {
    const since = this.span.value[1] - (this.measuredAt ?? this.span.value[1]);
    return this.state.value === "watching" && since > STALE ? Math.round(since / 1000) : 0;
  }

  /** The heart rate of now; null where none was measured lately. */
  get pulse() {
    const last = this.heart.t.length - 1;
    const fresh = last >= 0 && this.span.value[1] - this.heart.t[last] <= STALE && this.state.value === "watching";
    return fresh && this.said.value.values.heart_rate ? this.heart.v[last] : null;
  }

  /** What else it says, by name. */
  get others() {
    return Object.entries(this.said.value.values).filter(([name]) => !SERIES.has(name));
  }
}

/** What is said now and then holds until it is said again; a number of the moment does not. */
const kept = (values) => Object.fromEntries(Object.entries(values).filter(([name]) => !SERIES.has(name)));
