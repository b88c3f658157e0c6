// Hours of activity, week by week: one bar each, the running week lighter.

import { card } from "/plugin-cards/kit.js";

const DAY_MS = 86_400_000;
const WORDS = {
  en: { hours: (n) => `${n} h`, none: "No activity in these weeks.", now: "this week" },
  de: { hours: (n) => `${n} h`, none: "Keine Aktivität in diesen Wochen.", now: "diese Woche" },
};
const [BAR, GAP, HEIGHT] = [28, 8, 96];

const monday = (day) => {
  const at = Date.parse(`${day}T00:00Z`);
  return at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS;
};

/** [[Monday in ms, hours]] of every week from the first day to the last. */
function weeks({ first, last, activities }) {
  const found = new Map();
  for (let at = monday(first); at <= monday(last); at += 7 * DAY_MS) found.set(at, 0);
  for (const { day, seconds } of activities) {
    if (seconds !== null) found.set(monday(day), (found.get(monday(day)) ?? 0) + seconds / 3600);
  }
  return [...found];
}

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

card((root, { data, language }) => {
  const words = WORDS[language] ?? WORDS.en;
  const bars = weeks(data);
  const most = Math.max(...bars.map(([, hours]) => hours));
  root.replaceChildren();
  if (!most) {
    root.textContent = words.none;
    return;
  }
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const said = bars.map(([at, hours]) => `${date.format(at)}: ${words.hours(number.format(hours))}`);
  const width = bars.length * (BAR + GAP);
  const svg = element("svg", { viewBox: `0 0 ${width} ${HEIGHT + 20}`, role: "img", "aria-label": said.join(", ") });
  svg.style.maxWidth = `${width * 1.5}px`;
  bars.forEach(([at, hours], n) => {
    const high = (hours / most) * (HEIGHT - 20);
    const x = n * (BAR + GAP) + GAP / 2;
    const now = n === bars.length - 1;
    svg.append(
      element("rect", { x, y: HEIGHT - high, width: BAR, height: high, rx: 3, fill: `var(--${now ? "mark" : "accent"})` }),
      element("text", { x: x + BAR / 2, y: HEIGHT - high - 4, "text-anchor": "middle", "font-size": 10, fill: "var(--ink)" }, number.format(hours)),
      element("text", { x: x + BAR / 2, y: HEIGHT + 14, "text-anchor": "middle", "font-size": 8, fill: "var(--ink-2)" }, date.format(at)),
    );
  });
  root.append(svg);
});
