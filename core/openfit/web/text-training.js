// Texts of results, training load, records and thresholds. They come with the pages that need them.

import { part } from "./text.js";

export const text = await part("training");
