// English: today.

import { many, percent } from "../plural.js";

export const text = {
  title: "Today",
  course: (name) => `${name}, the last four weeks`,
  sure: (share) => `${percent(share)} sure`,
  range: (low, high, unit) => `${low} to ${high}${unit && ` ${unit}`}`,
  against: {
    below: (range) => `Below your usual ${range}`,
    within: (range) => `As usual, ${range}`,
    above: (range) => `Above your usual ${range}`,
  },
  soFar: (usual) => `So far. Usually ${usual} by the end of the day.`,
  soFarAlone: "So far today.",
  nothingYet: (value, day) => `Nothing yet today. Last ${value}, on ${day}.`,
  noBand: "What is usual for you shows after two weeks.",
  methods: { reported: "reported", computed: "computed", union: "united from several", manual: "by hand" },
  slept: (long) => `You slept ${long}.`,
  sleptAgainst: {
    below: (long, usual) => `You slept ${long}, less than your usual ${usual}.`,
    within: (long, usual) => `You slept ${long}, as usual.`,
    above: (long, usual) => `You slept ${long}, more than your usual ${usual}.`,
  },
  noSleep: "No night is known for today yet.",
  live: (value, when) => `Heart rate ${value} at ${when}`,
  rest: (n) => many(n, "more value"),
  restHead: ["What", "Today", "Compared with your last four weeks", "From"],
  todays: "Today's activities",
  noMetrics: "No night, pulse or step count yet.",
  noMetricsStep: "They come from a device that is worn or from the export of one:",
  last: "Last activities",
  all: "All activities",
  noActivity: "No activity yet. Drop a FIT, GPX or TCX file anywhere on this page.",
  load: "Load",
  fitness: "Fitness",
  fatigue: "Fatigue",
  form: "Form",
  noLoad: "Your load is not known yet.",
  noLoadStep: "State your thresholds",
  first: {
    title: "Your day will be here",
    lead: "Drop files onto this page: activities as FIT, GPX or TCX, or the export of a service as a zip.",
    or: "Or",
    connect: "connect a source",
  },
};
