// English: the journal, and finding what was written.

import { many } from "../plural.js";

export const text = {
  title: "Journal",
  back: "Journal",
  lead: "Tags and notes of your days. The search also finds names, notes and tags of activities.",
  loading: "Loading the journal",
  write: "Write about today",
  find: "Search all you wrote",
  tags: "Tags",
  tagsHint: "separated by commas",
  used: "Tags you have used",
  add: (tag) => `Add the tag ${tag}`,
  note: "Note",
  save: "Save",
  erase: "Erase this day's words",
  saved: "Saved.",
  erased: "Erased.",
  undo: "Undo",
  before: "The day before",
  after: "The day after",
  thatDay: "On that day",
  sleep: "Sleep",
  seconds: "The night to this day, second by second",
  nothingWritten: "Nothing was written of this day.",
  noDay: (given) => `${given} is no day. Days are written as 2026-03-31.`,
  more: "Load more",
  found: (n, more) => (more ? `The latest ${many(n, "place")}; there are more.` : `Found in ${many(n, "place")}.`),
  none: {
    title: "What you write about your days will be here",
    lead: "A tag such as travel or ill, or a line about how it went: it is shown above your charts, and you can search it.",
  },
  nothing: { title: "Nothing you wrote holds these words", lead: "Each word must be in the same note or name. Try fewer, or only how one begins." },
};
