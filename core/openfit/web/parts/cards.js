// Cards that plugins bring. Each lives in a frame with an origin of its own: it is handed what its
// manifest declares and the colours of the page, and can say no more than how high it is.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { html } from "../html.js";
import { isoOf, numberOf } from "../load.js";
import { useLoaded } from "../loading.js";
import { given } from "../naming.js";
import { part, text as page } from "../text.js";
import { language } from "../text/language.js";
import { colour, palette, systemDark } from "../theme.js";
import { system } from "../units.js";

const t = await part("today");
const [LOWEST, HIGHEST] = [40, 800]; // px
const PATIENCE_MS = 10_000;
const TOKENS = ["ground", "panel", "sunken", "ink", "ink-2", "line", "mark", "accent", "accent-soft"];
const METRIC = "metric:";

/** What a card reads, and no more of it than it could have asked for. */
async function handed({ reads, days }) {
  const last = new Date().toISOString().slice(0, 10);
  const first = isoOf(numberOf(last) - days + 1);
  const start = `${first}T00:00:00Z`;
  const given = await Promise.all(
    reads.map(async (wish) => {
      if (wish === "activities") return [wish, await activitiesSince(first)];
      const end = `${isoOf(numberOf(last) + 1)}T00:00:00Z`;
      const view = await api.metric(wish.slice(METRIC.length), { start, end, points: 10 });
      return [wish, { unit: view.unit, days: view.days.map(({ day, value }) => ({ day, value })) }];
    }),
  );
  return { first, last, ...Object.fromEntries(given) };
}

async function activitiesSince(first) {
  const { items } = await api.activities({ limit: 200, from: first });
  return items
    .filter(({ day }) => day >= first)
    .map(({ day, sport, start, end, reported = {}, computed = {} }) => ({
      day, sport, start, end,
      seconds: reported.timer_seconds ?? computed.timer_seconds ?? null,
      distance: reported.distance ?? computed.distance ?? null,
      ascent: reported.ascent ?? computed.ascent ?? null,
    }));
}

const look = () => ({
  theme: Object.fromEntries(TOKENS.map((name) => [name, colour(name)])),
  scheme: document.documentElement.dataset.theme ?? (systemDark.value ? "dark" : "light"),
});

function Frame({ card }) {
  const frame = useRef();
  const [height, setHeight] = useState(0);
  const [silent, setSilent] = useState(false);
  const [ready, setReady] = useState(false);
  const { value: data, problem } = useLoaded(() => handed(card), [card.address]);
  useEffect(() => {
    const heard = ({ source, data: said }) => {
      if (source !== frame.current?.contentWindow) return;
      if (said?.type === "openfit:ready") setReady(true);
      if (said?.type === "openfit:height" && said.height > 0 && Number.isFinite(said.height)) {
        setHeight(Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(said.height))));
      }
    };
    const patience = setTimeout(() => setSilent(true), PATIENCE_MS);
    addEventListener("message", heard);
    return () => {
      clearTimeout(patience);
      removeEventListener("message", heard);
    };
  }, []);
  useEffect(() => {
    if (!ready || !data) return;
    // The frame's origin is nobody's: there is no name to send to but "*", and it is this frame.
    frame.current.contentWindow.postMessage({ type: "openfit:card", data, language, units: system, ...look() }, "*");
  }, [ready, data, palette.value]);
  const drawn = height > 0 && !problem;
  const waits = !drawn && !problem;
  return html`
    <section class="panel card" aria-label=${given(card.title)} data-card="${card.plugin}/${card.id}">
      <header><h3>${given(card.title)}</h3><span class="label">${t.from(given(card.plugin_name))}</span></header>
      ${problem && html`<p class="hint">${problem.message}</p>`}
      ${waits && html`<p class="hint">${silent && !ready ? t.cardSilent : page.loading}</p>`}
      <iframe ref=${frame} src=${card.address} title=${given(card.title)} sandbox="allow-scripts" allow=""
        referrerpolicy="no-referrer" class=${drawn ? "" : "undrawn"} height=${drawn ? height : LOWEST}></iframe>
    </section>
  `;
}

export function Cards() {
  const { value } = useLoaded(api.cards, []);
  if (!value?.items.length) return null;
  return html`
    <section aria-labelledby="cards">
      <h2 id="cards">${t.cards}</h2>
      <div class="plugin-cards">${value.items.map((card) => html`<${Frame} key=${card.address} card=${card} />`)}</div>
    </section>
  `;
}
