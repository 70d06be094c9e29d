import { diffLines } from "diff";

export type DiffLine = { kind: "same" | "added" | "removed" | "skipped"; text: string; at: number };

const around = 2;

/** The lines in which two texts differ, with a few around them; longer stretches that are the same are one skipped line. */
export function difference(before: string, after: string): DiffLine[] {
  const all: DiffLine[] = [];
  for (const part of diffLines(before, after)) {
    const kind = part.added ? "added" : part.removed ? "removed" : "same";
    for (const text of part.value.replace(/\n$/, "").split("\n")) all.push({ kind, text, at: all.length });
  }
  const near = (n: number) => all.slice(Math.max(0, n - around), n + around + 1).some((l) => l.kind !== "same");
  const out: DiffLine[] = [];
  for (const [n, l] of all.entries()) {
    if (near(n)) out.push(l);
    else if (out.at(-1)?.kind !== "skipped") out.push({ kind: "skipped", text: "⋯", at: l.at });
  }
  return out.every((l) => l.kind === "skipped") ? [] : out;
}
