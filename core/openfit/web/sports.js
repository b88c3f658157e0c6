// Families of sports, each with a colour and a shape of its own, so that neither is needed alone.

const GROUPS = {
  running: ["running", "trail_running"],
  cycling: ["cycling", "e_biking", "bmx", "mountain_biking"],
  foot: ["walking", "hiking", "mountaineering", "snowshoeing"],
  water: ["swimming", "rowing", "paddling", "kayaking", "stand_up_paddleboarding", "sailing", "surfing"],
  snow: ["cross_country_skiing", "alpine_skiing", "snowboarding", "ice_skating"],
  strength: ["training", "fitness_equipment", "hiit", "rock_climbing"],
};

export const SPORTS = Object.values(GROUPS).flat();
export const SPORT_GROUPS = [...Object.keys(GROUPS), "other"];

export const groupOf = (sport) => Object.keys(GROUPS).find((name) => GROUPS[name].includes(sport)) ?? "other";

/** Shapes of about the same area in a square from -1 to 1. */
const SHAPES = {
  running: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  cycling: (r) => rect(0.88 * r),
  foot: (r) => `M0 ${-1.15 * r}L${1.1 * r} ${0.85 * r}H${-1.1 * r}z`,
  water: (r) => `M0 ${-1.25 * r}L${1.25 * r} 0L0 ${1.25 * r}L${-1.25 * r} 0z`,
  snow: (r) => star(r),
  strength: (r) => `M${-1.15 * r} ${-0.6 * r}H${1.15 * r}V${0.6 * r}H${-1.15 * r}z`,
  other: (r) => `M0 ${1.15 * r}L${1.1 * r} ${-0.85 * r}H${-1.1 * r}z`,
};

const rect = (h) => `M${-h} ${-h}H${h}V${h}H${-h}z`;

function star(r) {
  const at = (n) => [n % 2 ? 0.5 * r : 1.25 * r, (n * Math.PI) / 6];
  const corners = [...Array(12).keys()].map(at).map(([far, turn]) => `${(far * Math.sin(turn)).toFixed(2)} ${(-far * Math.cos(turn)).toFixed(2)}`);
  return `M${corners.join("L")}z`;
}

export const shapeOf = (group, r) => SHAPES[group](r);
