// English: jobs.

import { many } from "../plural.js";

export const text = {
  answer: (n) => (n ? `${many(n, "job")} under way.` : "Nothing is under way."),
  now: "Now",
  lately: "Imports of late",
  nothing: "Nothing was imported yet.",
  import: "Import",
  files: (n) => many(n, "file"),
  kinds: {
    renormalize: "Originals are read again",
    history: "History is fetched",
    backup: "Backup",
    deletion: "Deletion",
    export: "Export",
    expiry: "Old originals let go",
    account: "Deletion of an account",
  },
  units: {
    originals: (done, total) => `${done} of ${many(total, "original")}`,
    days: (done, total) => `${done} of ${many(total, "day")}`,
    rows: (done, total) => `${done} of ${many(total, "row")}`,
  },
  cancel: "Cancel",
  ended: "Backups and deletions",
  states: { waiting: "waiting", running: "running", cancelling: "being cancelled", done: "done", failed: "failed", cancelled: "cancelled" },
  outcomes: {
    backup: (name, bytes) => `${name}, ${bytes}`,
    deletion: (originals, kept, stays) =>
      [
        `${many(originals, "original")} taken away`,
        kept > 0 && `${many(kept, "original")} kept, for what else is in ${kept === 1 ? "it" : "them"}`,
        stays && "an import does not bring it back",
      ]
        .filter(Boolean)
        .join("; "),
  },
  inPart: "A part of these is here and stays for a day.",
  goOn: "Choose it and go on",
  discard: "Throw away",
  otherFile: (name, wanted, given) => `That is another file: ${name} has ${wanted}, this one ${given}.`,
  lift: "Let it come back",
  lifted: (n) =>
    `An import brings it back now.${n ? " What the hub still has the originals of is being read again." : ""}`,
  paused: "paused",
  pause: "Pause",
  resume: "Go on",
};
