import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, visit, type YAMLMap, type YAMLSeq } from "yaml";

/** The text of a scorecard is what counts; the form reads it and changes it in its place, so that comments and order stay. */
export type Path = (string | number)[];

/** The path as faults name it: sections[0].questions[2].weight. */
export function pathName(path: Path): string {
  return path.map((p, n) => (typeof p === "number" ? `[${p}]` : n === 0 ? p : `.${p}`)).join("");
}

export type Words = { "zh-TW": string; en: string };
export type Choice = { id: string; text: Words; share: string };
export type Case = {
  found: string[];
  class: string[];
  missing: string[];
  role: string;
  atLeast: string;
  over: string;
  give: string;
};
export type Question = {
  id: string;
  text: Words;
  help: Words;
  kind: string;
  weight: string;
  most: string;
  choices: Choice[];
  na: boolean;
  critical: string;
  by: string;
  floor: string;
  cases: Case[];
};
export type Section = { id: string; name: Words; weight: string; questions: Question[] };
export type Steps = Record<"days" | "remind" | "coach" | "warn" | "report", string>;
export type Card = { id: string; name: Words; shortest: string; steps: Steps; sections: Section[] };

/** A card as the form shows it, or why the form cannot: the text is no YAML, or uses what an edit in the form would break. */
export type Reading = { card: Card } | { broken: "syntax" | "shape" | "anchors"; line: number; what: string };

// As people write it: nothing is folded, and {zh-TW: ...} has no inner space.
const style = { lineWidth: 0, flowCollectionPadding: false } as const;

type Loose = Record<string, unknown>;
const text = (v: unknown) => (v === undefined || v === null ? "" : String(v));
const loose = (v: unknown): Loose => (typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Loose) : {});
const all = (v: unknown): unknown[] => (Array.isArray(v) ? v : []);
const words = (v: unknown): Words => ({ "zh-TW": text(loose(v)["zh-TW"]), en: text(loose(v).en) });
const names = (v: unknown): string[] => all(v).map(text);

export function read(yaml: string): Reading {
  const doc = parseDocument(yaml);
  const fault = doc.errors[0];
  if (fault) return { broken: "syntax", line: fault.linePos?.[0].line ?? 1, what: fault.message.split("\n")[0] ?? "" };
  if (!isMap(doc.contents)) return { broken: "shape", line: 1, what: "" };
  let shared = false;
  visit(doc, {
    Node: (_, node) => {
      shared ||= isAlias(node) || ("anchor" in node && Boolean(node.anchor));
    },
  });
  if (shared) return { broken: "anchors", line: 1, what: "" };
  const c = loose(doc.toJS());
  const steps = loose(c.steps);
  return {
    card: {
      id: text(c.id),
      name: words(c.name),
      shortest: text(c.shortest),
      steps: {
        days: text(steps.days),
        remind: text(steps.remind),
        coach: text(steps.coach),
        warn: text(steps.warn),
        report: text(steps.report),
      },
      sections: all(c.sections).map((raw) => {
        const s = loose(raw);
        return {
          id: text(s.id),
          name: words(s.name),
          weight: text(s.weight),
          questions: all(s.questions).map((q) => question(loose(q))),
        };
      }),
    },
  };
}

function question(q: Loose): Question {
  return {
    id: text(q.id),
    text: words(q.text),
    help: words(q.help),
    kind: text(q.kind),
    weight: text(q.weight),
    most: text(q.most),
    choices: all(q.choices).map((raw) => {
      const o = loose(raw);
      return { id: text(o.id), text: words(o.text), share: text(o.share) };
    }),
    na: q.na === true,
    critical: text(q.critical),
    by: text(q.by),
    floor: text(q.floor),
    cases: all(q.cases).map((raw) => {
      const k = loose(raw);
      return {
        found: names(k.found),
        class: names(k.class),
        missing: names(k.missing),
        role: text(k.role),
        atLeast: text(k["at-least"]),
        over: text(k.over),
        give: k.give === true ? "yes" : k.give === false ? "no" : text(k.give),
      };
    }),
  };
}

/** Who answers a question, as the server understands it. */
export function answerer(q: Pick<Question, "by" | "cases">): string {
  return q.by || (q.cases.length > 0 ? "rules" : "person");
}

function change(yaml: string, how: (doc: Document) => void): string {
  const doc = parseDocument(yaml);
  if (doc.errors.length > 0) return yaml;
  how(doc);
  return doc.toString(style);
}

// Where a new field goes among those that are there already.
const order = [
  "version id name text help shortest steps days remind coach warn report kind most weight share",
  "choices na critical by floor found class missing role at-least over give cases sections questions",
]
  .join(" ")
  .split(" ");
const rank = (key: unknown) => order.indexOf(String(isScalar(key) ? key.value : key));

function mapAt(doc: Document, path: Path): YAMLMap | null {
  const node = path.length === 0 ? doc.contents : doc.getIn(path, true);
  return isMap(node) ? node : null;
}

function put(doc: Document, map: YAMLMap, key: string, value: unknown) {
  if (map.has(key)) {
    map.set(key, value);
    return;
  }
  const pair = doc.createPair(key, value);
  const at = map.items.findIndex((p) => rank(p.key) > rank(key));
  map.items.splice(at < 0 ? map.items.length : at, 0, pair);
}

/** A number as the file has it, or the text as it was typed, which the server then finds fault with. */
function typed(value: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** Writes a field; an empty one is taken out. */
export function setField(yaml: string, path: Path, value: string | boolean | string[]): string {
  return change(yaml, (doc) => {
    const key = String(path.at(-1));
    const map = mapAt(doc, path.slice(0, -1));
    if (!map) {
      if (path.length === 2 && value !== "") doc.setIn(path, typeof value === "string" ? typed(value) : value); // steps
      return;
    }
    const empty = value === "" || value === false || (Array.isArray(value) && value.length === 0);
    if (empty) map.delete(key);
    else if (Array.isArray(value)) put(doc, map, key, doc.createNode(value, { flow: true }));
    else put(doc, map, key, typeof value === "string" ? typed(value) : value);
  });
}

/** Writes a text in one language. */
export function setWords(yaml: string, path: Path, lang: keyof Words, value: string): string {
  return change(yaml, (doc) => {
    const map = mapAt(doc, path);
    if (map) {
      if (value === "") map.delete(lang);
      else map.set(lang, value);
      if (map.items.length === 0) doc.deleteIn(path);
      return;
    }
    const parent = mapAt(doc, path.slice(0, -1));
    if (parent && value !== "")
      put(doc, parent, String(path.at(-1)), doc.createNode({ [lang]: value }, { flow: true }));
  });
}

/** A blank line stands between items where one did, and never before the first. */
function spaced(seq: YAMLSeq, blank: boolean) {
  seq.items.forEach((item, n) => {
    if (isMap(item)) item.spaceBefore = blank && n > 0;
  });
}

function seqAt(doc: Document, path: Path): YAMLSeq | null {
  const node = doc.getIn(path, true);
  return isSeq(node) ? node : null;
}

const hasBlanks = (seq: YAMLSeq) => seq.items.some((item) => isMap(item) && item.spaceBefore);

/** Adds an item to a list, which is made when it is not there. */
export function add(yaml: string, path: Path, item: Loose): string {
  return change(yaml, (doc) => {
    const node = doc.createNode(item);
    visit(node, {
      Map: (at, map) => {
        if (at !== null && map.items.every((p) => isScalar(p.value))) map.flow = true; // {zh-TW: ..., en: ...}
      },
    });
    const seq = seqAt(doc, path);
    if (!seq) {
      const parent = mapAt(doc, path.slice(0, -1));
      if (parent) put(doc, parent, String(path.at(-1)), doc.createNode([node]));
      return;
    }
    const blank = hasBlanks(seq);
    // The last case is the one that always applies: others come before it.
    const last = path.at(-1) === "cases" ? Math.max(0, seq.items.length - 1) : seq.items.length;
    seq.items.splice(last, 0, node);
    seq.flow = false;
    spaced(seq, blank);
  });
}

export function remove(yaml: string, path: Path, n: number): string {
  return change(yaml, (doc) => {
    const seq = seqAt(doc, path);
    if (!seq) return;
    const blank = hasBlanks(seq);
    seq.items.splice(n, 1);
    if (seq.items.length === 0) doc.deleteIn(path);
    else spaced(seq, blank);
  });
}

/** Moves an item by one; its comments go with it. */
export function move(yaml: string, path: Path, n: number, by: -1 | 1): string {
  return change(yaml, (doc) => {
    const seq = seqAt(doc, path);
    const [a, b] = [seq?.items[n], seq?.items[n + by]];
    if (!seq || a === undefined || b === undefined) return;
    const blank = hasBlanks(seq);
    seq.items[n] = b;
    seq.items[n + by] = a;
    spaced(seq, blank);
  });
}

/** What weights make, or null when one of them is no whole percentage. */
export function sum(weights: string[]): number | null {
  const numbers = weights.map(Number);
  if (weights.some((w, n) => w === "" || !Number.isInteger(numbers[n]) || Number(w) < 0)) return null;
  return numbers.reduce((a, b) => a + b, 0);
}

/** An id that no other has: one takes the kind of thing and a number. */
export function freeId(prefix: string, taken: string[]): string {
  for (let n = taken.length + 1; ; n++) if (!taken.includes(`${prefix}-${n}`)) return `${prefix}-${n}`;
}
