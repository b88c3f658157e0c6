// Small line drawings on a 24 px grid, one stroke width, in the colour of the text.

import { html } from "./html.js";

const SPORTS = {
  running: "M14 5.2a1.6 1.6 0 1 0 .01 0M5 12l3.2-3.4 4-.6 3 3.2 3.4.8M12.2 8l-2 5 3.4 2.6L13 20M10 13.4 8.6 17 4.6 18.4",
  walking: "M12.6 4.4a1.6 1.6 0 1 0 .01 0M8.6 12.4l1-3.6 2.8-1.2 1.8 3 2.6 1.2M12.4 7.6l-1 6 2.6 2.6.8 4.2M11.2 14.2 10.4 17 8 20.4",
  hiking: "M11.6 4.2a1.6 1.6 0 1 0 .01 0M8.4 12.2l.8-3.6 2.4-1 1.8 3 3 1.2M11.4 7.6l-1 6 2.6 2.6.8 4.2M10.2 14.2 9.4 17 7 20.4M17.4 9.6v11",
  cycling: "M6 18.6a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2M18 18.6a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2M6 15l3.4-7h5.2L18 15M8.4 10.2 12 15l4-4.4M14.6 8l-.8-2.4h2.6M7.8 8h3",
  swimming: "M3 15.4c1.5-1.2 3-1.2 4.5 0s3 1.2 4.5 0 3-1.2 4.5 0 3 1.2 4.5 0M3 19c1.5-1.2 3-1.2 4.5 0s3 1.2 4.5 0 3-1.2 4.5 0 3 1.2 4.5 0M6 12.4 10.6 8.6 8 6.6 11.6 5l6 7M18 6.6a1.7 1.7 0 1 0 .01 0",
  strength: "M3 12h18M6.4 7.5v9M9 9v6M17.6 7.5v9M15 9v6M4 9.6v4.8M20 9.6v4.8",
  rowing: "M2.6 16.5c3 2.2 15.8 2.2 18.8 0M10 7a1.6 1.6 0 1 0 .01 0M9 15.6l.8-4.6 4.4 1.2M5 8.6l12 6.4",
  skiing: "M13.6 4.4a1.6 1.6 0 1 0 .01 0M4 17.6l15.4 2.6M9 9.6l3.6-2 2 3.4 3 .6M12.4 7.8l-1.6 5 3 2.2-1 3.6M6.6 6.6 9 16",
  mountain: "M3 19 9.6 7l3.6 6 2-2.8L21 19zM8 10l1.6 1.4 1.6-1.4",
  water: "M12 3.6c3.6 4.4 5.4 7.4 5.4 10a5.4 5.4 0 0 1-10.8 0c0-2.6 1.8-5.6 5.4-10z",
  ball: "M12 20.4a8.4 8.4 0 1 0 0-16.8 8.4 8.4 0 0 0 0 16.8M5.4 7.2c4 1.8 9.2 1.8 13.2 0M5.4 16.8c4-1.8 9.2-1.8 13.2 0M12 3.6v16.8",
  pulse: "M3 12.4h4l2-5.4 4 10.4 2.4-5h5.6",
};

// Which drawing stands for which of FIT's sports; what is not here gets a pulse.
const DRAWN_AS = {
  running: "running", cycling: "cycling", e_biking: "cycling", motorcycling: "cycling",
  swimming: "swimming", walking: "walking", hiking: "hiking", snowshoeing: "hiking",
  mountaineering: "mountain", rock_climbing: "mountain", floor_climbing: "mountain",
  rowing: "rowing", paddling: "rowing", kayaking: "rowing", rafting: "rowing",
  stand_up_paddleboarding: "rowing", cross_country_skiing: "skiing", alpine_skiing: "skiing",
  snowboarding: "skiing", inline_skating: "skiing", ice_skating: "skiing",
  training: "strength", fitness_equipment: "strength", hiit: "strength", boxing: "strength",
  soccer: "ball", basketball: "ball", tennis: "ball", volleyball: "ball", racket: "ball",
  american_football: "ball", baseball: "ball", rugby: "ball", cricket: "ball", hockey: "ball",
  diving: "water", snorkeling: "water", surfing: "water", sailing: "water",
  windsurfing: "water", kitesurfing: "water", boating: "water",
};

const SIGNS = {
  list: "M8.4 6.5h12M8.4 12h12M8.4 17.5h12M3.8 6.5h.8M3.8 12h.8M3.8 17.5h.8",
  sources: "M12 8.6c4.4 0 7.6-1.2 7.6-2.6S16.4 3.4 12 3.4 4.4 4.6 4.4 6s3.2 2.6 7.6 2.6M4.4 6v12c0 1.4 3.2 2.6 7.6 2.6s7.6-1.2 7.6-2.6V6M4.4 12c0 1.4 3.2 2.6 7.6 2.6s7.6-1.2 7.6-2.6",
  upload: "M12 16V4.6M7.4 9 12 4.4 16.6 9M4.4 15.6v3.8h15.2v-3.8",
  folder: "M3.6 6.4h6l1.8 2.2h9v9.8H3.6z",
  back: "M14.6 5.6 8.2 12l6.4 6.4",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5.6v12.8M5.6 12h12.8",
  minus: "M5.6 12h12.8",
  whole: "M4.4 9.4v-5h5M14.6 4.4h5v5M19.6 14.6v5h-5M9.4 19.6h-5v-5",
  download: "M12 4.4v11.2M7.4 11.2 12 15.8l4.6-4.6M4.4 19.6h15.2",
  attention: "M12 4 21 19.6H3zM12 10v4.6M12 16.9v.4",
  check: "M5 12.6 10 17.4 19 7.4",
};

const drawing = (shape) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${shape} /></svg>
`;

export const SportIcon = ({ sport }) => drawing(SPORTS[DRAWN_AS[sport] ?? "pulse"]);
export const Icon = ({ name }) => drawing(SIGNS[name]);
