import type { Schemas } from "../../api/client";

type Utterance = Schemas["Utterance"];
type Finding = Schemas["Finding"];

/** The last utterance that began by then, or -1. Utterances are in order of their beginning. */
export function lineAt(lines: Utterance[], ms: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.start_ms ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The findings that were said or happened, in order of time, and those of what is missing. */
export function parted(findings: Finding[]): { said: Finding[]; missing: Finding[] } {
  const said = findings.filter((f) => f.start_ms !== null);
  said.sort((a, b) => (a.start_ms ?? 0) - (b.start_ms ?? 0));
  return { said, missing: findings.filter((f) => f.start_ms === null) };
}

/** Whether what was found is praise, a fault, or just told. */
export function tone(f: Finding): "good" | "bad" | "told" {
  if (["opening", "closing", "empathy", "step"].includes(f.class)) return f.start_ms === null ? "bad" : "good";
  return ["phrase", "principle", "interruption", "silence", "hold"].includes(f.class) ? "bad" : "told";
}

/** The finding to go to from a moment: the next one after it, or the last one well before it. */
export function neighbour(said: Finding[], ms: number, step: 1 | -1): Finding | undefined {
  // Back from a finding that is being heard leads to the one before it, as in players of music.
  const heard = 1200;
  return step > 0
    ? said.find((f) => (f.start_ms ?? 0) > ms + 50)
    : said.findLast((f) => (f.start_ms ?? 0) < ms - heard);
}

/** The finding of a word: one of the same speaker that covers it. */
export function findingOf(said: Finding[], role: string, start: number, end: number): Finding | undefined {
  return said.find((f) => f.role === role && f.phrase !== "" && (f.start_ms ?? 0) < end && (f.end_ms ?? 0) > start);
}
