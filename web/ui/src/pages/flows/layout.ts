import { Graph, layout } from "@dagrejs/dagre";
import type { Edge, Flow } from "./graph";

export const nodeSize = { width: 200, height: 64 };

export type Point = { x: number; y: number };
export type Places = Record<string, Point>;

/** Below it the words of a step cannot be read. */
export const readable = 0.75;

/** The ways between the same two steps are one line, with the words of all. */
export type Line = {
  id: string;
  from: string;
  to: string;
  /** Whether there is such a step. */
  there: boolean;
  label: string;
  ways: Edge[];
};

export function linesOf(flow: Flow, name: (keys: string[]) => string): Line[] {
  const names = new Set(flow.steps.map((s) => s.name));
  const lines = new Map<string, Edge[]>();
  for (const e of flow.edges) {
    const id = names.has(e.to) ? `${e.from} ${e.to}` : `${e.from} ${e.to} ${e.label}`;
    lines.set(id, [...(lines.get(id) ?? []), e]);
  }
  return [...lines.entries()].map(([id, ways]) => {
    const { from, to } = ways[0] as Edge;
    const there = names.has(to);
    const label = name(ways.map((e) => e.label));
    return { id, from, to, there, label: there ? label : `${label} → ${to}?`, ways };
  });
}

/** Where the steps are, and by which points a line goes round the others. */
export type Layout = { steps: Places; lines: Record<string, { points: Point[]; label: Point }> };

/** How wide words are in the picture, about. */
const widthOf = (words: string) => [...words].reduce((w, c) => w + (c > "\u2e7f" ? 11.5 : 6.3), 8);

/** From the top down in the order in which callers come by; no words lie upon others. */
export function placed(flow: Flow, lines: Line[]): Layout {
  const g = new Graph({ multigraph: true });
  g.setGraph({ rankdir: "TB", nodesep: 28, edgesep: 12, ranksep: 30, marginx: 16, marginy: 16 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const s of flow.steps) g.setNode(s.name, { ...nodeSize });
  const drawn = lines.filter((l) => l.there && l.from !== l.to);
  // All weigh the same: with heavier main ways the lines come out twice as long.
  for (const l of drawn) g.setEdge(l.from, l.to, { width: widthOf(l.label), height: 14, labelpos: "c" }, l.id);
  layout(g);
  const steps = flow.steps.map((s) => {
    const { x = 0, y = 0 } = g.node(s.name);
    return [s.name, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }] as const;
  });
  const by = drawn.map((l) => {
    const { points = [], x = 0, y = 0 } = g.edge(l.from, l.to, l.id) as { points?: Point[]; x?: number; y?: number };
    return [l.id, { points: points.slice(1, -1), label: { x, y } }] as const;
  });
  return { steps: Object.fromEntries(steps), lines: Object.fromEntries(by) };
}

/** A smooth line from the first to the last of the points, by the others. */
export function through(points: Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const bends = rest.slice(0, -1).map((p, n) => {
    const next = rest[n + 1] as Point;
    const end = n === rest.length - 2 ? next : { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2 };
    return `Q ${p.x},${p.y} ${end.x},${end.y}`;
  });
  return `M ${first.x},${first.y} ${bends.length > 0 ? bends.join(" ") : `L ${last.x},${last.y}`}`;
}

/** A step, and those that callers come to next in most calls. */
export function spine(flow: Flow, first: string): string[] {
  const steps = [first];
  while (steps.length < 4) {
    const on = flow.edges.find((e) => e.from === steps.at(-1) && !e.fallback && !steps.includes(e.to));
    if (!on) break;
    steps.push(on.to);
  }
  return steps;
}

function bounds(all: Point[]) {
  const [left, right] = [Math.min(...all.map((p) => p.x)), Math.max(...all.map((p) => p.x)) + nodeSize.width];
  const [top, bottom] = [Math.min(...all.map((p) => p.y)), Math.max(...all.map((p) => p.y)) + nodeSize.height];
  return { left, top, width: right - left, height: bottom - top };
}

/** What is seen first: the whole, or, where that could not be read, the first of some steps at the top, and the others. */
export function firstView(places: Places, first: string[], size: { width: number; height: number }) {
  const all = bounds(Object.values(places));
  const [margin, tools] = [16, 56];
  const whole = Math.min((size.width - 2 * margin) / all.width, (size.height - margin - tools) / all.height, 1);
  const some = first.map((s) => places[s]).filter((p) => p !== undefined);
  const [at] = some;
  if (whole >= readable || !at)
    return { x: size.width / 2 - (all.left + all.width / 2) * whole, y: tools - all.top * whole, zoom: whole };
  const seen = bounds(some);
  const middle = seen.width * readable > size.width ? at.x + nodeSize.width / 2 : seen.left + seen.width / 2;
  return { x: size.width / 2 - middle * readable, y: tools - at.y * readable, zoom: readable };
}
