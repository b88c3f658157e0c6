// English: devices.

import { many } from "../plural.js";

export const text = {
  answer: (n) => `${many(n, "device")} and other sources have measured.`,
  none: "Nothing has measured yet. Import a file or connect a source.",
  battery: (percent) => `battery ${percent} %`,
  firmware: (version) => `firmware ${version}`,
  last: (when) => `Last heard of ${when}`,
  by: (connection) => `through ${connection}`,
  more: (n) => `and ${many(n, "more metric")}`,
};
