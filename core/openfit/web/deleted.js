// What was deleted a moment ago, so that the page one comes to can offer it back.

import { signal } from "@preact/signals";

export const justDeleted = signal(null);
