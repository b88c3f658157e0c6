// That there is something to read, and how much.

import { html } from "../html.js";
import { Icon } from "../icons.js";
import { unread } from "../notices.js";
import { viewed } from "../session.js";
import { text } from "../text.js";

const MOST = 99;

/** A number to see, with its meaning for who hears it. */
export const Unread = () => {
  const n = unread();
  return n > 0 && html`<span class="count"><span aria-hidden="true">${n > MOST ? `${MOST}+` : n}</span><span class="unseen"> ${text.unread(n)}</span></span>`;
};

/** Notices are one's own: none while somebody else's data is shown. */
export const Bell = ({ here }) =>
  !viewed.value &&
  html`<a class="bell" href="/notifications" title=${text.nav.notices} aria-current=${here === "/notifications" ? "page" : undefined}>
    <${Icon} name="notices" /><span class="unseen">${text.nav.notices}</span><${Unread} />
  </a>`;
