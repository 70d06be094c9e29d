import { parse } from "yaml";
import { kinds } from "./kinds";
import type { Path } from "./patch";

export type Edge = {
  from: string;
  to: string;
  /** The key that leads there, or the digits of a choice. */
  label: string;
  /** Of the target's name in the text; of a kind that is not known there is none. */
  path?: Path;
  /** Only where something went wrong, or nothing was pressed. */
  fallback?: boolean;
};

export type Step = { name: string; kind: string; known: boolean; says: string; action: Record<string, unknown> };

export type Flow = {
  kind: string;
  name: string;
  languages: string[];
  start: string;
  lost: string;
  prompts: Record<string, Record<string, string>>;
  values: string[];
  /** Values that a flow which enters this one sends, and gets back. */
  takes: string[];
  gives: string[];
  steps: Step[];
  edges: Edge[];
  /** Why nothing can be shown. */
  broken: string;
};

type Loose = Record<string, unknown>;

const object = (v: unknown): Loose => (typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Loose) : {});
const text = (v: unknown): string => (typeof v === "string" || typeof v === "number" ? String(v) : "");
export const list = (v: unknown): string[] =>
  Array.isArray(v) ? v.map(text) : v === undefined || v === null ? [] : [text(v)];

/** The value at a key such as `timeout.after`. */
export function at(action: Loose, key: string): unknown {
  return key.split(".").reduce<unknown>((v, k) => object(v)[k], action);
}

const fallbacks = /^(timeout|invalid|failed|missing|declined|unstaffed|closed|refused|lost|emergency|holiday)/;

/** What the text says, as far as it can be read: while one types it is often half a flow. */
export function readFlow(yaml: string): Flow {
  const flow: Flow = {
    kind: "",
    name: "",
    languages: [],
    start: "",
    lost: "",
    prompts: {},
    values: [],
    takes: [],
    gives: [],
    steps: [],
    edges: [],
    broken: "",
  };
  let doc: Loose;
  try {
    doc = object(parse(yaml, { uniqueKeys: false, schema: "failsafe" }));
  } catch (e) {
    return { ...flow, broken: e instanceof Error ? e.message : String(e) };
  }
  flow.kind = text(doc.kind);
  flow.name = text(doc.id);
  flow.languages = list(doc.languages);
  flow.start = text(doc.start);
  flow.lost = text(doc.lost);
  flow.values = Object.keys(object(doc.values));
  flow.takes = list(doc.takes);
  flow.gives = list(doc.gives);
  for (const [name, words] of Object.entries(object(doc.prompts))) {
    flow.prompts[name] = Object.fromEntries(Object.entries(object(words)).map(([lang, w]) => [lang, text(w)]));
  }
  for (const [name, step] of Object.entries(object(doc.steps))) {
    const kind = Object.keys(object(step))[0] ?? "";
    const action = object(object(step)[kind]);
    flow.steps.push({ name, kind, known: kind in kinds, says: saysOf(flow, action), action });
  }
  const names = new Set(flow.steps.map((s) => s.name));
  flow.edges = flow.steps.flatMap((s) => edgesOf(s, names));
  return flow;
}

/** The words of the first prompt, in the flow's first language. */
function saysOf(flow: Flow, action: Loose): string {
  const key = list(action.say)[0]?.replace(/@.*/, "");
  return (key && flow.prompts[key]?.[flow.languages[0] ?? ""]) || "";
}

function edgesOf(step: Step, names: Set<string>): Edge[] {
  const base = ["steps", step.name, step.kind];
  const edges: Edge[] = [];
  const add = (to: unknown, label: string, path?: Path) => {
    if (text(to) !== "")
      edges.push({ from: step.name, to: text(to), label, path, fallback: fallbacks.test(label) || undefined });
  };
  if (!step.known) {
    strings(step.action, (s, key) => names.has(s) && add(s, key));
    return edges;
  }
  for (const f of kinds[step.kind]?.fields ?? []) {
    const value = at(step.action, f.key);
    const path = [...base, ...f.key.split(".")];
    if (f.type === "target") add(value, f.key.replace(/\.?next$/, ""), path);
    if (f.type === "choices")
      for (const [digits, choice] of Object.entries(object(value)))
        add(object(choice).next, digits, [...path, digits, "next"]);
    if (f.type === "cases" && Array.isArray(value))
      for (const [n, c] of value.entries()) add(object(c).next, caseText(object(c)), [...path, n, "next"]);
  }
  return edges;
}

export function caseText(c: Loose): string {
  const is = list(c.is).join("、");
  return is || [text(c.from), text(c.to)].join("–");
}

/** Every string in a value that is no announcement, with its key. */
function strings(value: unknown, each: (s: string, key: string) => void, key = "") {
  if (typeof value === "string") each(value, key);
  else if (Array.isArray(value)) for (const v of value) strings(v, each, key);
  else for (const [k, v] of Object.entries(object(value))) if (k !== "say") strings(v, each, k);
}
