// A track on paper: Web Mercator, stretches without positions left open, colours by value.

import { gapAfter, valueAt } from "./series.js";

const EARTH_RADIUS = 6_371_008.8;
const radians = (degrees) => (degrees * Math.PI) / 180;
export const RAMP = 7;

/** Longitudes that go on past 180° instead of jumping to the other edge of the map. */
function unwrapped(longitudes) {
  let turn = 0;
  return longitudes.map((longitude, i) => {
    const jump = i ? longitude - longitudes[i - 1] : 0;
    if (jump > 180) turn -= 360;
    if (jump < -180) turn += 360;
    return longitude + turn;
  });
}

const mercator = (latitude) => Math.log(Math.tan(Math.PI / 4 + radians(latitude) / 2));

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Fits the track into a box; answers pixels for each position, and metres for one pixel. */
export function project(track, width, tallest, margin) {
  const x = unwrapped(track.longitude).map(radians);
  const y = track.latitude.map(mercator);
  const [[west, east], [south, north]] = [extent(x), extent(y)];
  const [wide, high] = [Math.max(east - west, 1e-7), Math.max(north - south, 1e-7)];
  const height = Math.min(
    tallest,
    Math.max(200, ((width - 2 * margin) * high) / wide + 2 * margin),
  );
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high);
  const middle = Math.atan(Math.sinh((north + south) / 2));
  return {
    height,
    px: x.map((at) => width / 2 + (at - (west + east) / 2) * scale),
    py: y.map((at) => height / 2 - (at - (south + north) / 2) * scale),
    metresPerPixel: (EARTH_RADIUS * Math.cos(middle)) / scale,
  };
}

/** Runs of positions of one colour. A run begins where the one before ended, but not over a gap. */
export function runs(track, { px, py }, classOf) {
  const limit = gapAfter(track.t);
  const found = [];
  let run = null;
  for (let i = 1; i < track.t.length; i++) {
    if (track.t[i] - track.t[i - 1] > limit) {
      run = null;
      continue;
    }
    const kind = classOf(i);
    if (run?.kind !== kind) {
      run = { kind, points: [`${px[i - 1].toFixed(1)},${py[i - 1].toFixed(1)}`] };
      found.push(run);
    }
    run.points.push(`${px[i].toFixed(1)},${py[i].toFixed(1)}`);
  }
  return found;
}

/** Seven classes between the 3rd and the 97th percentile, so that one spike does not take them. */
export function classes(samples) {
  const sorted = [...samples.v].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.03), at(0.97)];
  const classOf = (millis) => {
    const value = valueAt(samples, millis);
    if (value === null) return -1;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return Math.min(RAMP - 1, Math.max(0, Math.floor(share * RAMP)));
  };
  return { low, high, classOf };
}

const ROUND = [1, 2, 5];

/** The roundest length that is not wider than `widest` pixels. */
export function scaleBar(metresPerPixel, widest = 120) {
  const most = metresPerPixel * widest;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = power * ROUND.findLast((digit) => digit * power <= most);
  return { metres, pixels: metres / metresPerPixel };
}
