import { useCallback, useState } from "react";

type Step = { yaml: string; key: string; at: number };
type State = { past: Step[]; yaml: string; future: string[] };

const together = 1500; // ms: typing in one field is one step
const most = 200;

/** A text that is changed by form and by hand, and every step of it can be taken back. */
export function useText(first: string) {
  const [state, setState] = useState<State>({ past: [], yaml: first, future: [] });
  const change = useCallback((how: (yaml: string) => string, key = "") => {
    setState((s) => {
      const yaml = how(s.yaml);
      if (yaml === s.yaml) return s;
      const last = s.past.at(-1);
      const at = Date.now();
      const same = last && key !== "" && last.key === key && at - last.at < together;
      const past = same
        ? [...s.past.slice(0, -1), { ...last, at }]
        : [...s.past.slice(-most), { yaml: s.yaml, key, at }];
      return { past, yaml, future: [] };
    });
  }, []);
  const undo = useCallback(() => {
    setState((s) => {
      const last = s.past.at(-1);
      return last ? { past: s.past.slice(0, -1), yaml: last.yaml, future: [s.yaml, ...s.future] } : s;
    });
  }, []);
  const redo = useCallback(() => {
    setState((s) => {
      const [next, ...future] = s.future;
      return next === undefined ? s : { past: [...s.past, { yaml: s.yaml, key: "", at: 0 }], yaml: next, future };
    });
  }, []);
  return { yaml: state.yaml, change, undo, redo, canUndo: state.past.length > 0, canRedo: state.future.length > 0 };
}

export type Change = ReturnType<typeof useText>["change"];
