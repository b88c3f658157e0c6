// What was deleted a moment ago, so that the page one comes to can offer it back.

import { signal } from "@preact/signals";
import { signedIn } from "./session.js";

export const justDeleted = signal(null);

signedIn.subscribe((someone) => {
  if (!someone) justDeleted.value = null;
});
