// Markup without a build step: htm turns tagged templates into Preact's calls.

import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);

export const classes = (...names) => names.filter(Boolean).join(" ");
