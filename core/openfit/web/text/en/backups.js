// English: backups of the whole hub.

import { many } from "../plural.js";

export const text = {
  title: "Backups",
  lead: "A backup holds the whole hub, everybody's data, in one file. Keep one where this machine is not.",
  none: "No backup yet.",
  sealed: "sealed",
  open: "not sealed",
  make: "Make a backup now",
  makeHint: {
    none: "As the plan stands, it is not sealed.",
    passphrase: "It is sealed with the plan's passphrase.",
    hub_key: "It is sealed with the hub's key.",
  },
  started: "A backup is being made. Jobs shows how far it is.",
  plan: "The plan",
  every: "Made by themselves",
  spans: { off: "Never", day: "Every day", week: "Every week", month: "Every month" },
  encryption: "Sealed with",
  ways: {
    passphrase: ["A passphrase", "Opens anywhere for who knows it. A lost passphrase is a lost backup."],
    hub_key: ["The hub's key", "Nothing to remember, but it opens only with the hub's secret-key. Keep a copy of that apart from this machine."],
    none: ["Nothing", "Whoever finds the file reads everything in it."],
  },
  passphrase: "Passphrase",
  passphraseKept: "A passphrase is kept already; leave this empty to go on with it.",
  passphraseHint: "At least 8 characters. Write it down where this machine is not.",
  keep: "Kept",
  keepHint: "Of each of the last so many days, weeks and months that have one, the newest stays. The newest of all always stays.",
  keeps: { keep_days: "Days", keep_weeks: "Weeks", keep_months: "Months" },
  folder: "Folder on the hub's machine",
  folderHint: "Empty: the folder “backups” beside the hub's data. Another disk is better.",
  save: "Save the plan",
  planned: "The plan is changed.",
  restore: "What bringing one back takes",
  steps: [
    "An empty hub: a new data folder and database, of either kind, on this machine or another.",
    "The file, and what it is sealed with: the passphrase, or the hub's secret-key.",
    "On that machine's command line: first “openfit restore FILE --verify”, which reads all of it and changes nothing; then “openfit restore FILE”.",
    "Passwords and keys are then those of that day; everybody signs in again. Without the hub's secret-key, sources are connected anew, and who has a second factor comes in by a recovery code and sets it up anew.",
  ],
  count: (n) => `${many(n, "backup")} kept.`,
};
