// Deutsch: Sicherungen des ganzen Hubs.

import { many } from "../plural.js";

export const text = {
  title: "Sicherungen",
  lead: "Eine Sicherung enthält den ganzen Hub, die Daten aller, in einer Datei. Heb eine dort auf, wo dieser Rechner nicht ist.",
  none: "Noch keine Sicherung.",
  sealed: "versiegelt",
  open: "nicht versiegelt",
  make: "Jetzt eine Sicherung machen",
  makeHint: {
    none: "Nach dem jetzigen Plan wird sie nicht versiegelt.",
    passphrase: "Sie wird mit der Passphrase des Plans versiegelt.",
    hub_key: "Sie wird mit dem Schlüssel des Hubs versiegelt.",
  },
  started: "Eine Sicherung wird gemacht. Unter Aufgaben siehst du, wie weit sie ist.",
  plan: "Der Plan",
  every: "Automatisch sichern",
  spans: { off: "Nie", day: "Jeden Tag", week: "Jede Woche", month: "Jeden Monat" },
  encryption: "Versiegelt mit",
  ways: {
    passphrase: ["Einer Passphrase", "Öffnet sich überall für den, der sie kennt. Ist sie verloren, ist es auch die Sicherung."],
    hub_key: ["Dem Schlüssel des Hubs", "Nichts zu merken, aber sie öffnet sich nur mit secret-key des Hubs. Heb davon eine Kopie getrennt von diesem Rechner auf."],
    none: ["Nichts", "Wer die Datei findet, liest alles darin."],
  },
  passphrase: "Passphrase",
  passphraseKept: "Eine Passphrase ist schon hinterlegt; bleibt das leer, gilt sie weiter.",
  passphraseHint: "Mindestens 8 Zeichen. Schreib sie dort auf, wo dieser Rechner nicht ist.",
  keep: "Aufgehoben",
  keepHint: "Von jedem der letzten so vielen Tage, Wochen und Monate, die eine haben, bleibt die neueste. Die allerneueste bleibt immer.",
  keeps: { keep_days: "Tage", keep_weeks: "Wochen", keep_months: "Monate" },
  folder: "Ordner auf dem Rechner des Hubs",
  folderHint: "Leer: der Ordner „backups“ bei den Daten des Hubs. Eine andere Platte ist besser.",
  save: "Plan speichern",
  planned: "Der Plan ist geändert.",
  restore: "Was es braucht, eine zurückzuholen",
  steps: [
    "Einen leeren Hub: ein neuer Datenordner und eine neue Datenbank, gleich welcher Art, auf diesem Rechner oder einem anderen.",
    "Die Datei und das, womit sie versiegelt ist: die Passphrase oder secret-key des Hubs.",
    "Auf der Befehlszeile jenes Rechners: erst „openfit restore DATEI --verify“, das alles liest und nichts ändert; dann „openfit restore DATEI“.",
    "Passwörter und Schlüssel sind dann die von jenem Tag; alle melden sich neu an. Ohne secret-key des Hubs werden Quellen neu verbunden; wer einen zweiten Faktor hat, kommt mit einem Wiederherstellungscode herein und richtet ihn neu ein.",
  ],
  count: (n) => `${many(n, "Sicherung", "Sicherungen")} aufgehoben.`,
};
