// English: one activity: its twins, its tags, taking it away.

import { many } from "../plural.js";

export const text = {
  tags: "Tags",
  tagsHint: "With commas between",
  fields: { name: "name", notes: "notes", sport: "sport", sub_sport: "kind of sport", tags: "tags" },
  removeText: "It leaves every list and every sum. Importing its file again does not bring it back; you can restore it from the list of activities.",
  twins: {
    title: "Recorded by others as well",
    lead: (n) => `${many(n, "other record", "other records")} of the same event. Sums count it once.`,
    open: "Open",
    over: "Lay over the charts",
    off: "Take off the charts",
    split: "Not the same event",
    join: "Same event as another record",
    joinGo: "Join",
    choose: "Choose a record of that day",
    nobody: "There is no other record of that day.",
    done: { join: "They count as one event now. Lists follow within seconds.", split: "They count as two events now. Lists follow within seconds." },
    undo: "Undo",
    overlaid: (name) => `dashed: ${name}`,
  },
  lap: (n) => `Show lap ${n} in the charts`,
  grade: "Grade",
  zoomed: (from, to) => `Shown: ${from} to ${to}`,
};
