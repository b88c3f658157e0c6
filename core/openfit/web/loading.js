// A value that comes from the hub: not there yet, there, or failed with a reason.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** `load` runs again whenever `keys` change; an answer that comes too late is dropped. */
export function useLoaded(load, keys) {
  const [state, setState] = useState({});
  const turn = useRef(0);
  const again = useCallback(() => {
    const mine = ++turn.current;
    const settle = (next) => mine === turn.current && setState(next);
    load().then(
      (value) => settle({ value }),
      (problem) => settle({ problem }),
    );
  }, keys);
  useEffect(() => {
    again();
    return () => turn.current++;
  }, [again]);
  return { ...state, again, set: (value) => setState({ value }) };
}

const FIRST_LOOK_MS = 700;
const SLOWEST_LOOK_MS = 5000;

/** Looks again while something is still being worked out, less and less often. */
export function usePolled(pending, again) {
  useEffect(() => {
    if (!pending) return undefined;
    let wait = FIRST_LOOK_MS;
    let timer = setTimeout(function look() {
      again();
      wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS);
      timer = setTimeout(look, wait);
    }, wait);
    return () => clearTimeout(timer);
  }, [Boolean(pending), again]);
}
