// How much larger than usual the reader's text is. What is drawn in pixels grows with it.

const USUAL = 16; // px
const [MOST, MOST_NARROW, NARROW] = [1.5, 1.25, 720]; // times, times, px: a chart keeps room for its lines

const asked = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;
export const SCALE = Math.min(innerWidth < NARROW ? MOST_NARROW : MOST, Math.max(1, asked));
export const scaled = (px) => Math.round(px * SCALE);
