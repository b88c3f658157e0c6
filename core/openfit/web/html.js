// The template tag that every part of the page writes its markup with.

import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
