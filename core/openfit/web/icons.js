// A small set of our own, drawn in lines on a 24 px grid.

import { html } from "./html.js";

const PATHS = {
  running:
    "M14.5 5.2a1.7 1.7 0 1 0 .01 0M5 12l3-3.5 4-.5 3 3h3.5M12 8l-2 6 4 3v5M10 14l-1.5 3.5H4.5",
  cycling:
    "M6 20a3.5 3.5 0 1 0-.01 0M18 20a3.5 3.5 0 1 0-.01 0M6 16.5l4-6.5 3.5 4v3M10 10l4-2.5 2.5 3H19M15.5 5a1 1 0 1 0 .01 0",
  walking:
    "M12.5 3.2a1.7 1.7 0 1 0 .01 0M9 21l2-6.5L9.5 11l2-3.5 3 3 3 1M14 21l-1-5-2-1.5M7.5 13l1-4 3-1.5",
  hiking: "M3 20l6-11 4 6 2-3 6 8zM9 9l1.5-3M16 5.5a1.5 1.5 0 1 0 .01 0",
  swimming:
    "M2 19c2 0 2-1.5 4-1.5S8 19 10 19s2-1.5 4-1.5S16 19 18 19s2-1.5 4-1.5M4 14l6-3-2.5-3 5-2 5 7M17.5 6a1.6 1.6 0 1 0 .01 0",
  strength: "M3 9v6M6 7v10M18 7v10M21 9v6M6 12h12",
  rowing: "M2 17h20l-3 3H5zM8 17l3-5-2-3M11 12l8-6M9 5.5a1.5 1.5 0 1 0 .01 0",
  skiing: "M3 17l17 4M14.5 4.2a1.6 1.6 0 1 0 .01 0M9 8l4 1 2 4-4 2 1 4.2M6 6l12 10",
  other: "M2 13h4l3-8 5 14 3-6h5",
  activities: "M2 13h4l3-8 5 14 3-6h5",
  today: "M12 7a5 5 0 1 0 .01 0M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  sleep: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  activity: "M2 13h4l3-8 5 14 3-6h5",
  trends: "M3 4v16h18M6 15l4-5 4 3 6-8",
  more: "M5 12h.01M12 12h.01M19 12h.01M5 11a1 1 0 1 0 .01 0M12 11a1 1 0 1 0 .01 0M19 11a1 1 0 1 0 .01 0",
  records: "M8 4h8v5a4 4 0 0 1-8 0zM8 6H4c0 3 1.5 4.5 4 4.5M16 6h4c0 3-1.5 4.5-4 4.5M12 13v4M8 20h8M9.5 17h5",
  wellness: "M12 20C5 15 3 11.5 3 8.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 9 1.5c0 3-2 6.5-9 11.500z",
  devices: "M8 7h8v10H8zM9.5 7l.5-4h4l.5 4M9.5 17l.5 4h4l.5-4",
  jobs: "M12 3a9 9 0 1 0 9 9M12 7v5l3.5 2M21 3v5h-5",
  notices: "M6 17v-6a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4",
  settings: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.500a2.5 2.5 0 1 0 .01 0M8 14.500a2.5 2.5 0 1 0 .01 0",
  keys: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8",
  person: "M12 4a4 4 0 1 0 .01 0M4 20c1-4 4-6 8-6s7 2 8 6",
  system: "M3 5h18v11H3zM9 20h6M12 16v4",
  light: "M12 7a5 5 0 1 0 .01 0M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.600L19 19M5 19l1.4-1.400M17.6 6.400L19 5",
  dark: "M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z",
  check: "M4 12.500l5 5L20 6.5",
  next: "M9 5l7 7-7 7",
  training: "M3 20h18M6 16v-4M10 16V8M14 16v-6M18 16V4",
  sources:
    "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
  journal: "M6 3h10l3 3v15H6zM9 9h6M9 13h6M9 17h4",
  back: "M15 5l-7 7 7 7",
  upload: "M12 16V4M7 9l5-5 5 5M4 17v3h16v-3",
  folder: "M3 6h6l2 2h10v11H3z",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
};

const SPORTS = {
  running: "running", cycling: "cycling", e_biking: "cycling", walking: "walking", hiking: "hiking",
  mountaineering: "hiking", snowshoeing: "hiking", swimming: "swimming", training: "strength",
  fitness_equipment: "strength", rowing: "rowing", paddling: "rowing", kayaking: "rowing",
  cross_country_skiing: "skiing", alpine_skiing: "skiing", snowboarding: "skiing",
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>
`;

export const SportIcon = ({ sport }) => html`<${Icon} name=${SPORTS[sport] ?? "other"} />`;
