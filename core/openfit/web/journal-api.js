// Calls about what a person wrote: days of the journal, and words in all that is written.

import { getJson, request } from "./api.js";

const of = (day) => `/journal/${encodeURIComponent(day)}`;

export const search = (query, signal) => getJson("/search", { query, signal });
export const journalDay = (day) => getJson(of(day));
export const writeDay = (day, body) => getJson(of(day), { method: "PUT", body });
export const eraseDay = (day) => request(of(day), { method: "DELETE" });
