// Parts of the page that are fetched when they are first needed, so that the first view is small.

import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { text } from "./text.js";

/** A component out of a module that `load` imports; until then the space it will take. */
export function lazily(load) {
  let part = null;
  return function Lazy(props) {
    const [state, setState] = useState({});
    useEffect(() => {
      if (part) return;
      load().then(
        (found) => {
          part = found;
          setState({});
        },
        (error) => setState({ error }),
      );
    }, []);
    if (state.error) throw state.error; // the page's fence says so
    return part
      ? html`<${part} ...${props} />`
      : html`<div class="bone tall" role="status" aria-label=${text.loading}></div>`;
  };
}
