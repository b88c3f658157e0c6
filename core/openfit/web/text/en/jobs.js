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
  },
  units: {
    originals: (done, total) => `${done} of ${many(total, "original")}`,
    days: (done, total) => `${done} of ${many(total, "day")}`,
    rows: (done, total) => `${done} of ${many(total, "row")}`,
  },
  cancel: "Cancel",
  ended: "Backups and deletions",
  states: { waiting: "waiting", running: "running", cancelling: "being cancelled", done: "done", failed: "failed", cancelled: "cancelled" },
  paused: "paused",
  pause: "Pause",
  resume: "Go on",
};
