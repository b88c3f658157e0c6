// Deutsch: Mitteilungen.

import { many } from "../plural.js";

export const text = {
  answer: (n) => (n ? `${many(n, "ungelesene Mitteilung", "ungelesene Mitteilungen")}.` : "Nichts Neues."),
  lead: "Aus den letzten sieben Tagen. Was behoben ist, verschwindet von selbst.",
  none: "Alles ist gut: Nichts braucht dich, nichts ging schief.",
  noneLead: "Auch neue Bestwerte erscheinen hier.",
  all: "Alle als gelesen markieren",
  own: "Mitteilungen gelten deinen eigenen Daten. Geh zu ihnen zurück, um sie zu sehen.",
  isNew: "neu",
  kinds: {
    sign_in_again: ["Eine Quelle will eine neue Anmeldung", "Dort neu anmelden"],
    source_failed: ["Eine Quelle geht nicht weiter", "Die Quelle ansehen"],
    task_failed: ["Eine Aufgabe ist gescheitert", "Die Aufgaben ansehen"],
    import_failed: ["Ein Import hat Dateien, die nicht lesbar waren", "Sehen, was mit jeder ist"],
    record: ["Ein neuer Bestwert", "Die Aktivität öffnen"],
    day_record: ["Ein Tag wie noch keiner", "Seine Tage ansehen"],
  },
  other: ["Mitteilung", "Zu heute"],
};
