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
