// Deutsch: Aufgaben.

import { many } from "../plural.js";

export const text = {
  answer: (n) => (n ? `${many(n, "Aufgabe läuft", "Aufgaben laufen")}.` : "Es läuft nichts."),
  now: "Jetzt",
  lately: "Letzte Importe",
  nothing: "Noch nichts importiert.",
  import: "Import",
  files: (n) => many(n, "Datei", "Dateien"),
  kinds: {
    renormalize: "Originale werden neu gelesen",
    history: "Vergangenes wird abgeholt",
    backup: "Sicherung",
    deletion: "Löschung",
    export: "Export",
    expiry: "Alte Originale weggegeben",
    account: "Löschung eines Kontos",
  },
  units: {
    originals: (done, total) => `${done} von ${many(total, "Original", "Originalen")}`,
    days: (done, total) => `${done} von ${many(total, "Tag", "Tagen")}`,
    rows: (done, total) => `${done} von ${many(total, "Zeile", "Zeilen")}`,
  },
  cancel: "Abbrechen",
  ended: "Sicherungen und Löschungen",
  states: { waiting: "wartet", running: "läuft", cancelling: "wird abgebrochen", done: "fertig", failed: "gescheitert", cancelled: "abgebrochen" },
  outcomes: {
    backup: (name, bytes) => `${name}, ${bytes}`,
    deletion: (originals, kept, stays) =>
      [
        `${many(originals, "Original", "Originale")} entfernt`,
        kept > 0 && `${many(kept, "Original", "Originale")} behalten, weil noch anderes darin steht`,
        stays && "ein Import bringt es nicht zurück",
      ]
        .filter(Boolean)
        .join("; "),
  },
  inPart: "Ein Teil davon ist hier und bleibt einen Tag.",
  goOn: "Auswählen und weiter",
  discard: "Verwerfen",
  otherFile: (name, wanted, given) => `Das ist eine andere Datei: ${name} hat ${wanted}, diese ${given}.`,
  lift: "Zurückkommen lassen",
  lifted: (n) =>
    `Ein Import bringt es jetzt zurück.${n ? " Wovon der Hub noch die Originale hat, wird neu gelesen." : ""}`,
  paused: "angehalten",
  pause: "Anhalten",
  resume: "Weiter",
};
