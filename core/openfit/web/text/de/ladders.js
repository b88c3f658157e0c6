// Deutsch: wessen Wert zählt, wo mehrere dasselbe messen.

import { many } from "../plural.js";

export const text = {
  title: "Wessen Wert zählt",
  lead: "Wo mehrere dasselbe gemessen haben, kommt der Wert eines Tages von der ersten dieser Quellen, die einen hat. Alle anderen bleiben und stehen daneben, wo du Geräte vergleichst.",
  metric: "Für",
  all: "Alle Messgrößen ohne eigene Reihenfolge",
  basis: {
    own: "Deine Reihenfolge dafür.",
    all: "Deine Reihenfolge für alle Messgrößen; diese hat keine eigene.",
    none: "Die Reihenfolge, die ohne dein Zutun gilt: nach der Art des Geräts.",
  },
  list: "Reihenfolge, die beste zuerst",
  up: (name) => `${name} nach oben`,
  down: (name) => `${name} nach unten`,
  moved: (name, place, of) => `${name} ist jetzt ${place}. von ${of}.`,
  save: "Diese Reihenfolge nehmen",
  leave: "Lassen, wie es war",
  reset: "Diese Reihenfolge aufgeben",
  saved: "Sie gilt. Die Tage werden neu zusammengesetzt; das dauert einen Moment.",
  dropped: "Aufgegeben. Die Tage werden neu zusammengesetzt; das dauert einen Moment.",
  single: "Das misst nur eine Quelle, also gibt es nichts zu ordnen.",
  byHand: "Was du von Hand einträgst, zählt vor allen.",
  effect: {
    counting: "Die Tage werden gezählt",
    none: (of) => `Sie ändert den Wert keines der ${many(of, "Tage", "Tage")}, die einen haben.`,
    some: (n, of) => `Sie ändert, wessen Wert gezeigt wird, an ${many(n, "Tag", "Tagen")} von ${of}.`,
    sum: "Summen werden je Minute zusammengesetzt: Was zuerst steht und gemessen hat, zählt, das Nächste füllt seine Lücken.",
    all: "Sie ändert die Tage jeder Messgröße, die keine eigene Reihenfolge hat.",
  },
};
