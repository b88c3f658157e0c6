// A panel on its canvas: drawn anew with what it shows and with the colours, and followed in place.

import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { palette } from "../theme.js";
import { useWidth } from "../width.js";

/** The place to draw in, and how wide it is. `draw` makes the panel there and says how to end it. */
export function useDrawn(panel, view, draw) {
  const [host, width] = useWidth();
  const drawn = useRef(null);
  useEffect(() => {
    if (!width) return undefined;
    const [made, stop] = draw(host.current);
    drawn.current = made;
    return () => {
      stop();
      made.destroy();
      drawn.current = null;
    };
  }, [panel, palette.value, width > 0]);
  useEffect(() => drawn.current?.resize(), [width]);
  useSignalEffect(() => {
    void view.span.value;
    drawn.current?.refresh();
  });
  useSignalEffect(() => drawn.current?.follow(view.cursor.value));
  return [host, width];
}
