// Deutsch: Tageswerte.

import { many } from "../plural.js";

export const text = {
  title: "Tageswerte",
  loading: "Die Tage werden geladen",
  answer: (metrics, days) => `${many(metrics, "Messwert", "Messwerte")} an ${many(days, "Tag", "Tagen")}.`,
  before: "Monat davor",
  after: "Monat danach",
  every: "Alle",
  families: { label: "Gruppe", heart: "Herz", hrv: "Herzfrequenzvariabilität", activity: "Bewegung", workout: "Training", sleep: "Schlaf", respiration: "Atmung", oxygen: "Sauerstoff", temperature: "Temperatur", body: "Körper", energy: "Energie", nutrition: "Ernährung", stress: "Stress", readiness: "Erholung", score: "Bewertungen" },
  day: "Tag",
  sources: "Der Punkt nennt das Gerät",
  none: (month) => `Keine Tageswerte im ${month}.`,
  empty: {
    title: "Hier werden deine Tage stehen",
    lead: "Tageswerte wie Ruhepuls, Schritte oder Gewicht kommen mit Uhr, Ring, Waage oder Telefon.",
    go: "Quelle verbinden",
  },
  latest: "Zuletzt",
};
