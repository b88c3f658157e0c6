// Before somebody signs in where it will not last.

import { html } from "../html.js";
import { better, home } from "../plain-http.js";
import { part } from "../text.js";

const t = (await part("sign-in")).plain;

/** `hash` is taken along: a link of use once is as good there. */
export function PlainNote({ hash }) {
  const to = better(home.value, { protocol: location.protocol, hostname: location.hostname, pathname: location.pathname, hash });
  return to && html`<div class="problem" role="alert"><p>${t.lead}</p><p><a class="button" href=${to.href}>${t.go(to.host)}</a></p></div>`;
}
