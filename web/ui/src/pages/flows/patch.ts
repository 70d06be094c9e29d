import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

/** Where something stands in a document: keys of maps and places in lists. */
export type Path = readonly (string | number)[];

export type Value = string | number | boolean | Value[] | { [key: string]: Value };

// A change touches no more of the text than what it changes: comments, order and the way in which something is written stay.

type Place = { start: number; end: number };

const read = (text: string) => parseDocument(text, { uniqueKeys: false, keepSourceTokens: false });

/** The key as text: `1:` is the choice "1". */
export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : String(pair.key);
}

function pairOf(map: YAMLMap, key: string | number): Pair<Node, Node | null> | undefined {
  return map.items.find((p) => keyOf(p) === String(key)) as Pair<Node, Node | null> | undefined;
}

/** What stands at the path, or undefined. */
export function nodeAt(text: string, path: Path): Node | undefined {
  let node = read(text).contents as Node | null | undefined;
  for (const key of path) {
    if (isMap(node)) node = pairOf(node, key)?.value;
    else if (isSeq(node)) node = node.items[Number(key)] as Node | undefined;
    else return undefined;
  }
  return node ?? undefined;
}

/** From its first to the end of its last character; blanks and line ends behind it are not part of it. */
function place(text: string, node: Node): Place {
  const [start, end] = node.range ?? [0, 0];
  return { start, end: start + text.slice(start, end).trimEnd().length };
}

/** The lines, from 1, on which the value at the path stands, its key's line included. */
export function linesAt(text: string, path: Path): [number, number] | undefined {
  const parent = nodeAt(text, path.slice(0, -1));
  const key = path.at(-1);
  const pair = isMap(parent) && key !== undefined ? pairOf(parent, key) : undefined;
  const node = pair ? pair.value : nodeAt(text, path);
  const from = pair?.key ?? node;
  if (!from) return undefined;
  const line = (at: number) => text.slice(0, at).split("\n").length;
  return [line(place(text, from).start), line(node?.range ? place(text, node).end : place(text, from).end)];
}

const splice = (text: string, at: Place, by: string) => text.slice(0, at.start) + by + text.slice(at.end);

// What may stand without quotes wherever it is put: letters and digits of any script, and marks that mean nothing to YAML.
const plain = /^[\p{L}\p{N}_][\p{L}\p{N}_\-./@ 。，、？！「」『』（）：；…%]*$/u;
const otherwise = /^(true|false|null|~|yes|no|[-+.]?\d[\d_.eE+-]*|0[xo].*)$/i;

/** A value on one line. */
export function written(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([k, v]) => `${writtenKey(k)}: ${written(v)}`)
      .join(", ")}}`;
  if (typeof value !== "string") return String(value);
  const line = value.replace(/\s*\n\s*/g, " ");
  return plain.test(line) && !otherwise.test(line) && line === line.trim() ? line : JSON.stringify(line);
}

const writtenKey = (key: string) => (/^[a-z0-9][\w-]*$/i.test(key) ? key : JSON.stringify(key));

function nested(path: Path, value: Value): Value {
  return path.reduceRight<Value>((inside, key) => ({ [String(key)]: inside }), value);
}

/** Puts a value at the path, making what is missing on the way. */
export function setIn(text: string, path: Path, value: Value): string {
  let node = read(text).contents as Node | null | undefined;
  for (const [n, key] of path.entries()) {
    const rest = path.slice(n + 1);
    if (isMap(node)) {
      const pair = pairOf(node, key);
      if (!pair) return addPair(text, node, String(key), nested(rest, value));
      const into = pair.value;
      if (rest.length === 0 || !(isMap(into) || isSeq(into))) return setPair(text, pair, nested(rest, value));
      node = into;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined;
      if (!item) return addItem(text, node, nested(rest, value));
      if (rest.length === 0) return splice(text, place(text, item), written(value));
      node = item;
    } else return text;
  }
  return text;
}

function setPair(text: string, pair: Pair<Node, Node | null>, value: Value): string {
  const into = pair.value;
  if (!into?.range || into.range[0] === into.range[1]) {
    const end = place(text, pair.key).end;
    const colon = text.indexOf(":", end);
    return splice(text, { start: colon + 1, end: colon + 1 }, ` ${written(value)}`);
  }
  return splice(text, place(text, into), written(value));
}

const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;
const lineEnd = (text: string, at: number) => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
};

function endOf(text: string, pair: Pair<Node, Node | null>): number {
  return pair.value?.range && pair.value.range[0] !== pair.value.range[1]
    ? place(text, pair.value).end
    : place(text, pair.key).end;
}

function addPair(text: string, map: YAMLMap, key: string, value: Value): string {
  const entry = `${writtenKey(key)}: ${written(value)}`;
  const last = map.items.at(-1) as Pair<Node, Node | null> | undefined;
  if (map.flow || !last) {
    const end = last ? endOf(text, last) : place(text, map).start + 1;
    return splice(text, { start: end, end }, last ? `, ${entry}` : entry);
  }
  const first = place(text, (map.items[0] as Pair<Node>).key).start;
  const indent = " ".repeat(first - lineStart(text, first));
  const end = lineEnd(text, endOf(text, last));
  return splice(text, { start: end, end }, `\n${indent}${entry}`);
}

function addItem(text: string, seq: YAMLSeq, value: Value): string {
  const last = seq.items.at(-1) as Node | undefined;
  if (seq.flow || !last) {
    const end = last ? place(text, last).end : place(text, seq).start + 1;
    return splice(text, { start: end, end }, last ? `, ${written(value)}` : written(value));
  }
  const dash = text.lastIndexOf("-", place(text, last).start);
  const indent = " ".repeat(dash - lineStart(text, dash));
  const end = lineEnd(text, place(text, last).end);
  return splice(text, { start: end, end }, `\n${indent}- ${written(value)}`);
}

/** Takes away what stands at the path, key and all. */
export function removeIn(text: string, path: Path): string {
  const parent = nodeAt(text, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined) return text;
  if (isMap(parent)) {
    const n = parent.items.findIndex((p) => keyOf(p) === String(key));
    const pairs = parent.items as Pair<Node, Node | null>[];
    const [before, pair, after] = [pairs[n - 1], pairs[n], pairs[n + 1]];
    if (!pair) return text;
    return remove(text, parent, pairs.length, {
      n,
      at: { start: place(text, pair.key).start, end: endOf(text, pair) },
      next: after && place(text, after.key).start,
      before: before && endOf(text, before),
    });
  }
  if (isSeq(parent)) {
    const n = Number(key);
    const items = parent.items as Node[];
    const [before, item, after] = [items[n - 1], items[n], items[n + 1]];
    if (!item) return text;
    return remove(text, parent, items.length, {
      n,
      at: place(text, item),
      next: after && place(text, after).start,
      before: before && place(text, before).end,
    });
  }
  return text;
}

type Gone = { n: number; at: Place; next?: number; before?: number };

function remove(text: string, parent: YAMLMap | YAMLSeq, count: number, gone: Gone): string {
  if (count === 1) return splice(text, place(text, parent), isMap(parent) ? "{}" : "[]");
  if (!parent.flow) {
    const start = lineStart(text, gone.at.start);
    return splice(text, { start, end: Math.min(text.length, lineEnd(text, gone.at.end) + 1) }, "");
  }
  if (gone.n === 0) return splice(text, { start: gone.at.start, end: gone.next ?? gone.at.end }, "");
  return splice(text, { start: gone.before ?? gone.at.start, end: gone.at.end }, "");
}

/** Gives a list these texts; one text may stand without a list. */
export function setList(text: string, path: Path, values: string[]): string {
  const now = nodeAt(text, path);
  if (!isSeq(now)) {
    const [only = "", ...more] = values;
    if (values.length === 0) return removeIn(text, path);
    return setIn(text, path, more.length === 0 ? only : values);
  }
  let out = text;
  const have = now.items.map((i) => (isScalar(i) ? String(i.value) : ""));
  for (const [n, v] of values.entries()) if (have[n] !== v) out = setIn(out, [...path, n], v);
  for (let n = have.length - 1; n >= values.length; n--) out = removeIn(out, n === 0 ? path : [...path, n]);
  return out;
}

/** Gives a key another name. */
export function renameIn(text: string, path: Path, to: string): string {
  const parent = nodeAt(text, path.slice(0, -1));
  const key = path.at(-1);
  const pair = isMap(parent) && key !== undefined ? pairOf(parent, key) : undefined;
  return pair ? splice(text, place(text, pair.key), writtenKey(to)) : text;
}

/** A list in lines: what stands before its first item, the lines of each with the comments above it, and what follows. */
type Lines = { head: string; items: string[]; tail: string };

function linesOf(text: string, seq: YAMLSeq): Lines | undefined {
  const items = seq.items as Node[];
  if (seq.flow || items.length === 0) return undefined;
  const ends = items.map((i) => Math.min(text.length, lineEnd(text, place(text, i).end) + 1));
  const dash = text.lastIndexOf("-", place(text, items[0] as Node).start);
  const starts = [aboveWithComments(text, lineStart(text, dash)), ...ends.slice(0, -1)];
  const end = ends.at(-1) ?? 0;
  const chunks = starts.map((s, n) => text.slice(s, ends[n]));
  return { head: text.slice(0, starts[0]), items: chunks, tail: text.slice(end) };
}

/** Where the comments begin that stand above a line. */
function aboveWithComments(text: string, line: number): number {
  let start = line;
  while (start > 0) {
    const before = lineStart(text, start - 1);
    if (!/^[ \t]*#/.test(text.slice(before, start))) break;
    start = before;
  }
  return start;
}

function joined({ head, items, tail }: Lines): string {
  return head + items.map((i) => (i.endsWith("\n") ? i : `${i}\n`)).join("") + tail;
}

/** Puts an item of a list into another place; its comments go with it. */
export function moveIn(text: string, path: Path, from: number, to: number): string {
  const seq = nodeAt(text, path);
  if (!isSeq(seq) || from === to || !seq.items[from] || !seq.items[to]) return text;
  const lines = linesOf(text, seq);
  if (!lines) {
    const places = (seq.items as Node[]).map((i) => place(text, i));
    const words = places.map((p) => text.slice(p.start, p.end));
    const moved = words.toSpliced(from, 1).toSpliced(to, 0, words[from] ?? "");
    return places.reduceRight((out, p, n) => splice(out, p, moved[n] ?? ""), text);
  }
  const moved = lines.items.toSpliced(from, 1).toSpliced(to, 0, lines.items[from] ?? "");
  return joined({ ...lines, items: moved });
}

/** Puts a map into a list of a map of the file, at a place: one line for each of its keys. */
export function insertIn(text: string, path: Path, at: number, item: { [key: string]: Value }): string {
  const block = (indent: string) =>
    Object.entries(item)
      .map(([k, v], n) => `${indent}${n === 0 ? "- " : "  "}${writtenKey(k)}: ${written(v)}\n`)
      .join("");
  const seq = nodeAt(text, path);
  const lines = isSeq(seq) ? linesOf(text, seq) : undefined;
  if (lines) {
    const indent = /^ *(?=-)/m.exec(lines.items[0] ?? "")?.[0] ?? "";
    return joined({ ...lines, items: lines.items.toSpliced(at, 0, block(indent)) });
  }
  if (isSeq(seq) && seq.items.length > 0) {
    const places = (seq.items as Node[]).map((i) => place(text, i));
    const after = places[at - 1];
    if (after) return splice(text, { start: after.end, end: after.end }, `, ${written(item)}`);
    const start = places[0]?.start ?? 0;
    return splice(text, { start, end: start }, `${written(item)}, `);
  }
  // An empty list gives way to a block beneath its key.
  const parent = nodeAt(text, path.slice(0, -1));
  const pair = isMap(parent) ? pairOf(parent, path.at(-1) ?? "") : undefined;
  if (!pair) return insertIn(setIn(text, path, []), path, at, item);
  const colon = text.indexOf(":", place(text, pair.key).end) + 1;
  const end = pair.value?.range ? Math.max(colon, place(text, pair.value).end) : colon;
  return splice(text, { start: colon, end }, `\n${block("  ").trimEnd()}`);
}

/** Puts a copy of an item of a list behind it, with another value at one of its keys. */
export function copyIn(text: string, path: Path, at: number, key: string, value: string): string {
  const seq = nodeAt(text, path);
  const item = isSeq(seq) ? (seq.items[at] as Node | undefined) : undefined;
  if (!isSeq(seq) || !item) return text;
  const lines = linesOf(text, seq);
  const mine = place(text, item);
  const out = lines
    ? joined({ ...lines, items: lines.items.toSpliced(at + 1, 0, withoutComments(lines.items[at] ?? "")) })
    : splice(text, { start: mine.end, end: mine.end }, `, ${text.slice(mine.start, mine.end)}`);
  return setIn(out, [...path, at + 1, key], value);
}

/** The lines from the dash on: what was said above the one is not said of its copy. */
const withoutComments = (item: string) => item.replace(/^(?:[ \t]*(?:#.*)?\n)+/, "");
