import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { findingOf, lineAt, neighbour, parted, tone } from "./transcript";

const line = (start_ms: number) =>
  ({ role: "agent", start_ms, end_ms: start_ms + 900, unclear: "", words: [] }) as Schemas["Utterance"];
const finding = (start_ms: number | null, more: Partial<Schemas["Finding"]> = {}) =>
  ({
    id: 1,
    rule: "r",
    class: "phrase",
    phrase: "您應該",
    heard: "",
    role: "agent",
    start_ms,
    end_ms: start_ms === null ? null : start_ms + 500,
    match: "exact",
    apart: 0,
    value: 0,
    say: "",
    ...more,
  }) as Schemas["Finding"];

describe("the transcript", () => {
  it("follows the voice", () => {
    const lines = [line(1000), line(2000), line(5000)];
    expect([0, 1000, 1999, 2000, 9000].map((ms) => lineAt(lines, ms))).toEqual([-1, 0, 0, 1, 2]);
    expect(lineAt([], 10)).toBe(-1);
  });

  it("goes from finding to finding", () => {
    const { said, missing } = parted([finding(null, { class: "closing" }), finding(9000), finding(3000)]);
    expect(missing).toHaveLength(1);
    expect(said.map((f) => f.start_ms)).toEqual([3000, 9000]);
    expect(neighbour(said, 0, 1)?.start_ms).toBe(3000);
    expect(neighbour(said, 2000, 1)?.start_ms).toBe(3000);
    expect(neighbour(said, 3000, 1)?.start_ms).toBe(9000);
    expect(neighbour(said, 9000, 1)).toBeUndefined();
    expect(neighbour(said, 9000, -1)?.start_ms).toBe(3000);
    expect(neighbour(said, 3000, -1)).toBeUndefined();
  });

  it("tells praise from faults", () => {
    expect(tone(finding(1))).toBe("bad");
    expect(tone(finding(1, { class: "opening" }))).toBe("good");
    expect(tone(finding(null, { class: "opening" }))).toBe("bad");
    expect(tone(finding(1, { class: "pace" }))).toBe("told");
  });

  it("marks words of the one who said them", () => {
    const said = [finding(1000)];
    expect(findingOf(said, "agent", 1400, 1600)).toBe(said[0]);
    expect(findingOf(said, "caller", 1400, 1600)).toBeUndefined();
    expect(findingOf(said, "agent", 1500, 1600)).toBeUndefined();
  });
});
