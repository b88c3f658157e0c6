// Deutsch: Heute.

import { percent } from "../plural.js";

export const text = {
  title: "Heute",
  asOf: (day) => `vom ${day}`,
  course: (name) => `${name}, die letzten vier Wochen`,
  sure: (share) => `${percent(share)} sicher`,
  range: (low, high, unit) => `${low} bis ${high}${unit && ` ${unit}`}`,
  against: {
    below: (range) => `Unter deinen üblichen ${range}`,
    within: (range) => `Wie üblich, ${range}`,
    above: (range) => `Über deinen üblichen ${range}`,
  },
  noBand: "Was für dich üblich ist, zeigt sich nach einer Woche.",
  tiers: { AUTH: "gemessen", HIGH: "berechnet", ESTIMATE: "geschätzt", RELATIVE: "nur mit sich selbst vergleichbar" },
  noMetrics: "Noch keine Nacht, kein Puls, keine Schritte.",
  noMetricsStep: "Sie kommen von einem getragenen Gerät oder aus dessen Export:",
  last: "Letzte Aktivitäten",
  all: "Alle Aktivitäten",
  noActivity: "Noch keine Aktivität. Zieh eine FIT-, GPX- oder TCX-Datei irgendwo auf diese Seite.",
  load: "Belastung",
  fitness: "Fitness",
  fatigue: "Ermüdung",
  form: "Form",
  noLoad: "Deine Belastung ist noch nicht bekannt.",
  noLoadStep: "Gib deine Schwellen an",
  first: {
    title: "Hier wird dein Tag stehen",
    lead: "Zieh Dateien auf diese Seite: Aktivitäten als FIT, GPX oder TCX, oder den Export eines Dienstes als Zip.",
    or: "Oder",
    connect: "verbinde eine Quelle",
  },
};
