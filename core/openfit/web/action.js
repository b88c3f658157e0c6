// One thing at a time that a person asks for: under way, done, or failed with a reason.

import { useState } from "preact/hooks";

/** [state, run]: `run(work, done)` does it; `state` is {busy, problem, done}. */
export function useAction() {
  const [state, setState] = useState({});
  const run = async (work, done) => {
    setState({ busy: true });
    try {
      const value = await work();
      setState({ done: typeof done === "function" ? done(value) : done });
      return value;
    } catch (problem) {
      setState({ problem });
      return undefined;
    }
  };
  return [state, run];
}

/** What a form was filled in with; what is left empty is not in it. */
export function filled(event) {
  event.preventDefault();
  const said = [...new FormData(event.target)];
  return Object.fromEntries(
    said
      .map(([name, value]) => [name, name.includes("password") || typeof value !== "string" ? value : value.trim()])
      .filter(([, value]) => value !== ""),
  );
}
