// Other records of the same event: look at them, lay one over the charts, or say that they are not.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { clock, deviceName, sportName } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loading.js";
import { viewed } from "../session.js";
import { part } from "../text.js";
import { ProblemNote } from "./problem.js";

const t = (await part("activity")).twins;

const LOOKS_MS = [1000, 3000, 6000, 12_000];

const nameOf = ({ name, integration, device }) => (device && deviceName(device)) || name || integration;

/** Records of the same day that are not known as twins, to be joined by hand. */
async function othersOf({ id, day, twins = [] }) {
  const { items } = await api.activities({ from: day, to: day, twins: "all", limit: 100 });
  const known = new Set([id, ...twins.map((one) => one.id)]);
  return items.filter((one) => !known.has(one.id));
}

export function Twins({ detail, course, again }) {
  const { value: near = [] } = useLoaded(() => othersOf(detail), [detail.id, detail.twins?.length]);
  const others = viewed.value ? [] : near; // nothing of somebody else's is joined
  const [done, setDone] = useState(null);
  const [problem, setProblem] = useState(null);
  const twins = detail.twins ?? [];
  const [choices, setChoices] = useState(0);
  useEffect(() => {
    if (!choices) return undefined;
    const waiting = LOOKS_MS.map((after) => setTimeout(again, after)); // days are derived again
    return () => waiting.forEach(clearTimeout);
  }, [choices]);
  if (!twins.length && !others.length && !done) return null;
  const choose = async (other, choice) => {
    setProblem(null);
    try {
      await (choice ? api.chooseTwins(detail.id, other, choice) : api.forgetTwins(detail.id, other));
      if (choice === "split" && course.twin.peek()?.id === other) course.overlay(null);
      setDone(choice && { other, choice });
      setChoices((before) => before + 1);
      again();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return html`
    <section class="twins" aria-labelledby="twins">
      <h2 id="twins">${twins.length ? t.title : t.join}</h2>
      ${twins.length > 0 && html`<p class="hint">${t.lead(twins.length)}</p>`}
      <ul>${twins.map((twin) => html`<${Twin} key=${twin.id} twin=${twin} course=${course} split=${() => choose(twin.id, "split")} />`)}</ul>
      ${done && html`<p role="status">${t.done[done.choice]} <button class="quiet" onClick=${() => choose(done.other, null)}>${t.undo}</button></p>`}
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      ${others.length > 0 && html`<${Join} others=${others} named=${twins.length > 0} join=${(other) => choose(other, "join")} />`}
    </section>
  `;
}

function Twin({ twin, course, split }) {
  const over = course.twin.value?.id === twin.id;
  return html`
    <li class="panel">
      <strong>${nameOf(twin)}</strong>
      <span class="buttons">
        <a class="button" href="/activities/${encodeURIComponent(twin.id)}">${t.open}</a>
        <button aria-pressed=${over} onClick=${() => course.overlay(over ? null : twin)}>${over ? t.off : t.over}</button>
        ${!viewed.value && html`<button class="quiet" onClick=${split}>${t.split}</button>`}
      </span>
    </li>
  `;
}

const Join = ({ others, named, join }) => html`
  <details class="rest" open=${!named || undefined}>
    <summary>${t.join}</summary>
    <form class="join" onSubmit=${(event) => (event.preventDefault(), join(new FormData(event.target).get("other")))}>
      <label>${t.choose}
        <select name="other">
          ${others.map((one) => html`<option value=${one.id}>${clock(Date.parse(one.start), one.utc_offset)}, ${one.name ?? sportName(one)}, ${nameOf(one)}</option>`)}
        </select>
      </label>
      <button>${t.joinGo}</button>
    </form>
  </details>
`;
