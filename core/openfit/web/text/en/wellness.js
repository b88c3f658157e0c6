// English: daily values.

import { many } from "../plural.js";

export const text = {
  title: "Daily values",
  loading: "Loading the days",
  answer: (metrics, days) => `${many(metrics, "metric")} on ${many(days, "day")}.`,
  before: "The month before",
  after: "The month after",
  every: "All",
  families: { label: "Family", heart: "Heart", hrv: "Heart-rate variability", activity: "Movement", workout: "Workouts", sleep: "Sleep", respiration: "Breathing", oxygen: "Oxygen", temperature: "Temperature", body: "Body", energy: "Energy", nutrition: "Nutrition", stress: "Stress", readiness: "Readiness", score: "Scores" },
  day: "Day",
  sources: "The dot tells the device",
  none: (month) => `No daily values in ${month}.`,
  empty: {
    title: "Your days will be here",
    lead: "Daily values such as resting heart rate, steps or weight come with a watch, a ring, a scale or a phone.",
    go: "Connect a source",
  },
  latest: "Latest",
};
