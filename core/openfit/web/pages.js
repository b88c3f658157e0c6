// Every page: its address, its module with the component of the same name, and the part of the
// navigation that it belongs to. A page is fetched when it is first opened.

import { lazily } from "./lazy.js";

export const ROUTES = [
  ["/", "today", "today"],
  ["/sleep", "sleep", "sleep"],
  ["/sleep/:id", "sleep", "sleep"],
  ["/night", "seconds", "sleep"],
  ["/night/:id", "seconds", "sleep"],
  ["/activities", "activities", "activity"],
  ["/activities/:id", "activity", "activity"],
  ["/training", "training", "activity"],
  ["/training/records", "records", "activity"],
  ["/training/thresholds", "thresholds", "activity"],
  ["/training/thresholds/:id", "thresholds", "activity"],
  ["/metrics", "metrics", "trends"],
  ["/metrics/:id", "metrics", "trends"],
  ["/wellness", "wellness", "trends"],
  ["/wellness/:id", "wellness", "trends"],
  ["/journal", "journal", "more"],
  ["/journal/:id", "journal", "more"],
  ["/more", "more", "more"],
  ["/sources", "sources", "more"],
  ["/sources/connected", "sources", "more", "connected"],
  ["/devices", "devices", "more"],
  ["/live/:id", "live", "more"],
  ["/jobs", "jobs", "more"],
  ["/notifications", "notices", "more"],
  ["/settings", "settings", "more"],
  ["/settings/:id", "settings", "more"],
  ["/grants", "settings", "more", "sharing"],
];

const componentOf = (module, page) => module[page.charAt(0).toUpperCase() + page.slice(1)];

const names = [...new Set(ROUTES.map(([, page]) => page))];

export const PAGES = Object.fromEntries(
  names.map((page) => [
    page,
    lazily(() => import(`./pages/${page}.js`).then((module) => componentOf(module, page))),
  ]),
);
