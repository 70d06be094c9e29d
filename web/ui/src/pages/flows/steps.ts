import type { Flow } from "./graph";
import { kinds } from "./kinds";
import { type Path, removeIn, renameIn, setIn, type Value } from "./patch";

/** A name that no step has yet. */
export function freeName(flow: Flow, kind: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? kind : `${kind}-${n}`;
    if (!flow.steps.some((s) => s.name === name)) return name;
  }
}

/** What a new step of a kind says: its targets lead to where the chosen step leads, or to the last step, so that it is whole. */
export function blank(kind: string, flow: Flow, after: string | null): Value {
  const to = flow.edges.find((e) => e.from === after)?.to ?? flow.steps.at(-1)?.name ?? "";
  const prompt = Object.keys(flow.prompts)[0] ?? "";
  const out: { [key: string]: Value } = {};
  for (const f of kinds[kind]?.fields ?? []) {
    if (!f.required) continue;
    let value: Value = "";
    if (f.type === "target") value = to;
    else if (f.type === "say") value = prompt;
    else if (f.type === "language") value = flow.languages.at(-1) ?? "";
    else if (f.type === "value") value = flow.values[0] ?? "";
    else if (f.type === "choices") value = { 1: { next: to } };
    else if (f.type === "cases") value = [{ is: "", next: to }];
    else if (f.of) value = f.of[0] ?? "";
    const [head = "", tail] = f.key.split(".");
    if (tail) out[head] = { ...(out[head] as { [key: string]: Value }), [tail]: value };
    else out[head] = value;
  }
  return out;
}

/** Gives a step another name, everywhere. */
export function renameStep(yaml: string, flow: Flow, from: string, to: string): string {
  let out = yaml;
  for (const e of flow.edges) if (e.to === from && e.path) out = setIn(out, e.path, to);
  if (flow.start === from) out = setIn(out, ["start"], to);
  if (flow.lost === from) out = setIn(out, ["lost"], to);
  return renameIn(out, ["steps", from], to);
}

/** Puts a value at the path, or takes it away when it is empty. */
export function put(yaml: string, path: Path, value: Value | undefined): string {
  return value === undefined || value === "" ? removeIn(yaml, path) : setIn(yaml, path, value);
}
