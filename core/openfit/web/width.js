// How wide an element is, now and after the window changed.

import { useEffect, useRef, useState } from "preact/hooks";

export function useWidth() {
  const host = useRef();
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(host.current);
    return () => watch.disconnect();
  }, []);
  return [host, width];
}
