// That the hub does not answer, and how old is what is shown.

import { here } from "../format.js";
import { html } from "../html.js";
import { offlineSince } from "../offline.js";
import { text } from "../text.js";

export const OfflineLine = () => html`
  <div role="status">
    ${
      offlineSince.value &&
      html`<p class="offline"><strong>${text.offline.title}</strong> ${text.offline.asOf(here(offlineSince.value))}</p>`
    }
  </div>
`;
