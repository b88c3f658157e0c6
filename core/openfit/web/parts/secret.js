// Something that is shown once: a key, a link, codes.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { part } from "../text.js";

const t = (await part("settings")).secret;

export function Secret({ label, value, onClose }) {
  const [copied, setCopied] = useState(false);
  const box = useRef();
  useEffect(() => box.current.focus(), [value]);
  const copy = () => navigator.clipboard?.writeText(value).then(() => setCopied(true), () => {});
  return html`
    <div class="panel secret" tabindex="-1" ref=${box} role="group" aria-label=${label}>
      <p><strong>${label}</strong> ${t.once}</p>
      <pre tabindex="0">${value}</pre>
      <p class="buttons">
        <button class="main" onClick=${copy}>${copied ? t.copied : t.copy}</button>
        <button onClick=${onClose}>${t.close}</button>
      </p>
    </div>
  `;
}
