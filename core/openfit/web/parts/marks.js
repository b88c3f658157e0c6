// Marks above a plot. Focus, a pointer or a tap says what each of them is.

import { useState } from "preact/hooks";
import { grouped, marksOf, useHappened } from "../explore/marks.js";
import { PLOT_LEFT, roomFor } from "../explore/plot.js";
import { html } from "../html.js";
import { part } from "../text.js";
import { useWidth } from "../width.js";

const t = (await part("explorer")).marks;
const APART = 46; // px: what a finger needs

/** Each kind has a shape of its own. */
const SHAPES = {
  activity: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
  journal: "M-4.500 -4.500h9v9h-9z",
  travel: "M-6 3.500L0 -5.500L6 3.500z",
  gap: "M-6 -1.500h4v3h-4zM2 -1.500h4v3h-4z",
};

export function Marks({ explorer, picture, names }) {
  const [host, width] = useWidth();
  const [shown, setShown] = useState(null);
  const found = useHappened(explorer);
  const [low, high] = explorer.span.value;
  const marks = marksOf(found, picture.view, picture.clock, [low, high]);
  if (!marks.length) return html`<div ref=${host}></div>`;
  const inner = width - PLOT_LEFT - roomFor(names, width);
  const toX = (at) => PLOT_LEFT + ((at - low) / (high - low)) * inner;
  const groups = width ? grouped(marks, toX, APART) : [];
  const open = groups.find(({ marks: [first] }) => first.at === shown);
  return html`
    <div class="marks-row" ref=${host}>
      <div class="marks" role="group" aria-label=${t.label}>
        ${groups.map(
          (group) => html`<${Mark} key=${`${group.marks[0].at}-${group.marks.length}`} group=${group}
            open=${group === open} show=${() => setShown(group.marks[0].at)} hide=${() => setShown(null)} />`,
        )}
      </div>
      <p class="marks-said">
        ${open ? open.marks.map((mark) => html`<span>${mark.href ? html`<a href=${mark.href}>${mark.text}</a>` : mark.text}</span>`) : html`<span class="hint">${kinds(marks)}</span>`}
      </p>
    </div>
  `;
}

const kinds = (marks) =>
  Object.keys(SHAPES)
    .map((kind) => [t.names[kind], marks.filter((mark) => mark.kind === kind).length])
    .filter(([, n]) => n)
    .map(([name, n]) => `${n} × ${name}`)
    .join(" · ");

function Mark({ group: { x, marks }, open, show, hide }) {
  const shapes = [...new Set(marks.map(({ kind }) => kind))].slice(0, 2);
  const label = marks.length > 1 ? `${t.several(marks.length)}: ${marks.map(({ text }) => text).join("; ")}` : marks[0].text;
  return html`
    <button class="mark" style=${{ left: `${x}px` }} aria-label=${label} aria-expanded=${open} onMouseEnter=${show} onFocus=${show}
      onClick=${show} onKeyDown=${(event) => event.key === "Escape" && hide()}>
      ${shapes.map((kind) => html`<svg class=${kind} viewBox="-7 -7 14 14" aria-hidden="true"><path d=${SHAPES[kind]} /></svg>`)}
      ${marks.length > 1 && html`<small>${marks.length}</small>`}
    </button>
  `;
}
