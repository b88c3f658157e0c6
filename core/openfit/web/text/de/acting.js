// Deutsch: einem Gerät etwas sagen und ihm live zusehen.

export const text = {
  doing: (title) => `${title}: läuft`,
  done: (title) => `${title}: fertig.`,
  stopped: (title) => `${title}: abgebrochen.`,
  stop: "Abbrechen",
  pair: "Koppeln",
  title: (title, name) => `${title}: ${name}`,
  danger: "Das lässt sich nicht rückgängig machen.",
  understand: "Ich weiß, was das heißt, und will es.",
  limits: (least, most) => {
    if (least === undefined) return most === undefined ? undefined : `höchstens ${most}`;
    return most === undefined ? `mindestens ${least}` : `${least} bis ${most}`;
  },
  live: {
    title: (name) => `Live: ${name}`,
    back: "Alle Quellen",
    begin: "Verbinden",
    stop: "Beenden",
    none: { message: "Dieser Quelle lässt sich nicht live zusehen.", nextStep: "Unter Quellen steht, was jede kann." },
    states: {
      connecting: "Wird verbunden. Halte das Gerät in der Nähe des Rechners, auf dem der Hub läuft.",
      watching: "Live",
      off: "Nicht angelegt. Sobald es wieder sitzt, kommen neue Werte.",
      silent: (seconds) => `Seit ${seconds} s kam nichts. Vielleicht ist es außer Reichweite.`,
      lost: "Die Verbindung zum Gerät ist abgerissen.",
      no_adapter: "Der Rechner des Hubs hat kein Bluetooth, das er benutzen darf.",
      stopped: "Beendet.",
      failed: "Nicht verbunden.",
    },
    heart: "Herzfrequenz",
    noHeart: "Gerade keine Herzfrequenz",
    beats: "Zeit zwischen Schlägen",
    battery: "Akku",
    wear: "Getragen",
    worn: "Ja",
    notWorn: "Nein",
    window: (low, high, beats) => `In den letzten 3 Minuten: ${low} bis ${high}, ${beats}.`,
    nothing: "In den letzten 3 Minuten: nichts gemessen.",
    beatsCount: (n) => (n === 1 ? "1 Schlag" : `${n} Schläge`),
  },
};
