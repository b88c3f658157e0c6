// Deutsch: Geräte.

import { many } from "../plural.js";

export const text = {
  answer: (n) => `${many(n, "Gerät oder andere Quelle hat", "Geräte und andere Quellen haben")} gemessen.`,
  none: "Noch hat nichts gemessen. Importiere eine Datei oder verbinde eine Quelle.",
  battery: (percent) => `Akku ${percent} %`,
  firmware: (version) => `Firmware ${version}`,
  last: (when) => `Zuletzt gehört: ${when}`,
  by: (connection) => `über ${connection}`,
  more: (n) => `und ${many(n, "weitere Messgröße", "weitere Messgrößen")}`,
};
