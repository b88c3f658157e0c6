// Whether the sheet for entering by hand is open, and what was entered: known to the whole page, so
// that the sheet itself is only fetched when it is wanted.

import { signal } from "@preact/signals";

/** What it is open for: {kind, day} of something new, {id, entry} to change; null: closed. */
export const adding = signal(null);
/** Counts what was entered here, for pages that then ask anew. */
export const entered = signal(0);
