// A modal dialog: the browser keeps focus inside, Escape closes it, and focus goes back after.

import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";

export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => dialog.current.showModal(), []);
  return html`
    <dialog ref=${dialog} aria-labelledby="dialog-title" onClose=${onClose}>
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}
