// Deutsch: Heute.

import { many, percent } from "../plural.js";

export const text = {
  title: "Heute",
  course: (name) => `${name}, die letzten vier Wochen`,
  sure: (share) => `${percent(share)} sicher`,
  range: (low, high, unit) => `${low} bis ${high}${unit && ` ${unit}`}`,
  against: {
    below: (range) => `Unter deinen üblichen ${range}`,
    within: (range) => `Wie üblich, ${range}`,
    above: (range) => `Über deinen üblichen ${range}`,
  },
  soFar: (usual) => `Bis jetzt. Üblich sind ${usual} am Ende des Tages.`,
  soFarAlone: "Heute bis jetzt.",
  nothingYet: (value, day) => `Heute noch nichts. Zuletzt ${value}, am ${day}.`,
  noBand: "Was für dich üblich ist, zeigt sich nach zwei Wochen.",
  methods: { reported: "gemeldet", computed: "berechnet", union: "aus mehreren vereint", manual: "von Hand" },
  slept: (long) => `Du hast ${long} geschlafen.`,
  sleptAgainst: {
    below: (long, usual) => `Du hast ${long} geschlafen, weniger als deine üblichen ${usual}.`,
    within: (long, usual) => `Du hast ${long} geschlafen, wie üblich.`,
    above: (long, usual) => `Du hast ${long} geschlafen, mehr als deine üblichen ${usual}.`,
  },
  noSleep: "Für heute ist noch keine Nacht bekannt.",
  live: (value, when) => `Herzfrequenz ${value} um ${when}`,
  rest: (n) => many(n, "weiterer Wert", "weitere Werte"),
  restHead: ["Was", "Heute", "Gegen deine letzten vier Wochen", "Von"],
  todays: "Aktivitäten von heute",
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
