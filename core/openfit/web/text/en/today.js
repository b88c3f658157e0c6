// English: today.

import { percent } from "../plural.js";

export const text = {
  title: "Today",
  asOf: (day) => `as of ${day}`,
  course: (name) => `${name}, the last four weeks`,
  sure: (share) => `${percent(share)} sure`,
  range: (low, high, unit) => `${low} to ${high}${unit && ` ${unit}`}`,
  against: {
    below: (range) => `Below your usual ${range}`,
    within: (range) => `As usual, ${range}`,
    above: (range) => `Above your usual ${range}`,
  },
  noBand: "What is usual for you shows after a week.",
  tiers: { AUTH: "measured", HIGH: "computed", ESTIMATE: "estimate", RELATIVE: "compare with itself only" },
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
