// Deutsch: das Tagebuch, und finden, was geschrieben wurde.

import { many } from "../plural.js";

const places = (n) => many(n, "Stelle", "Stellen");

export const text = {
  title: "Tagebuch",
  back: "Tagebuch",
  lead: "Schlagworte und Notizen deiner Tage. Die Suche findet auch Namen, Notizen und Schlagworte von Aktivitäten.",
  loading: "Tagebuch wird geladen",
  write: "Über heute schreiben",
  find: "Alles Geschriebene durchsuchen",
  tags: "Schlagworte",
  tagsHint: "durch Kommas getrennt",
  used: "Schlagworte, die du schon benutzt hast",
  add: (tag) => `Schlagwort ${tag} hinzufügen`,
  note: "Notiz",
  save: "Speichern",
  erase: "Einträge dieses Tages löschen",
  saved: "Gespeichert.",
  erased: "Gelöscht.",
  undo: "Rückgängig",
  before: "Der Tag davor",
  after: "Der Tag danach",
  thatDay: "An diesem Tag",
  sleep: "Schlaf",
  seconds: "Die Nacht auf diesen Tag, Sekunde für Sekunde",
  nothingWritten: "Zu diesem Tag wurde nichts geschrieben.",
  noDay: (given) => `${given} ist kein Tag. Tage werden als 2026-03-31 geschrieben.`,
  more: "Mehr laden",
  found: (n, more) => (more ? `Die neuesten ${places(n)}; es gibt mehr.` : `An ${n === 1 ? "einer Stelle" : places(n)} gefunden.`),
  none: {
    title: "Hier steht, was du über deine Tage schreibst",
    lead: "Ein Schlagwort wie Reise oder krank, oder eine Zeile, wie es lief: Es erscheint über deinen Kurven und lässt sich durchsuchen.",
  },
  nothing: { title: "Nichts Geschriebenes enthält diese Wörter", lead: "Alle Wörter müssen in derselben Notiz oder im selben Namen stehen. Versuche weniger, oder nur einen Wortanfang." },
};
