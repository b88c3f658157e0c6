// Deutsch: eine Aktivität: ihre Zwillinge, ihre Schlagworte, sie entfernen.

import { many } from "../plural.js";

export const text = {
  tags: "Schlagworte",
  tagsHint: "Durch Kommas getrennt",
  fields: { name: "Namen", notes: "Notizen", sport: "Sportart", sub_sport: "Unterart", tags: "Schlagworte" },
  removeText: "Sie verschwindet aus jeder Liste und jeder Summe. Auch ein neuer Import der Datei bringt sie nicht zurück; aus der Liste der Aktivitäten lässt sie sich wiederherstellen.",
  twins: {
    title: "Auch von anderen aufgezeichnet",
    lead: (n) => `${many(n, "weitere Aufzeichnung", "weitere Aufzeichnungen")} desselben Ereignisses. Summen zählen es einmal.`,
    open: "Öffnen",
    over: "Über die Diagramme legen",
    off: "Von den Diagrammen nehmen",
    split: "Nicht dasselbe Ereignis",
    join: "Dasselbe Ereignis wie eine andere Aufzeichnung",
    joinGo: "Zusammenlegen",
    choose: "Aufzeichnung dieses Tages wählen",
    nobody: "An diesem Tag gibt es keine andere Aufzeichnung.",
    done: { join: "Sie zählen jetzt als ein Ereignis. Listen folgen in wenigen Sekunden.", split: "Sie zählen jetzt als zwei Ereignisse. Listen folgen in wenigen Sekunden." },
    undo: "Rückgängig",
    overlaid: (name) => `gestrichelt: ${name}`,
  },
  lap: (n) => `Runde ${n} in den Diagrammen zeigen`,
  grade: "Steigung",
  zoomed: (from, to) => `Gezeigt: ${from} bis ${to}`,
};
