import { expect, test } from "vitest";
import shipped from "../../../../../../qa/card/default.yaml?raw";
import { add, type Card, freeId, move, pathName, read, remove, setField, setWords, sum } from "./text";

function card(yaml: string): Card {
  const r = read(yaml);
  if (!("card" in r)) throw new Error(`${r.broken} in line ${r.line}: ${r.what}`);
  return r.card;
}

/** The lines that differ, in order. */
function changed(before: string, after: string): string[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  return [
    ...a.filter((l) => !b.includes(l)).map((l) => `-${l.trim()}`),
    ...b.filter((l) => !a.includes(l)).map((l) => `+${l.trim()}`),
  ];
}

test("an edit changes its own line and no other, comments and order included", () => {
  const at = ["sections", 0, "questions", 0];
  for (const [after, want] of [
    [setField(shipped, ["sections", 0, "weight"], "25"), ["+weight: 25"]],
    [
      setField(shipped, ["shortest"], "20s"),
      ["-shortest: 15s # what is shorter was no talk", "+shortest: 20s # what is shorter was no talk"],
    ],
    [setField(shipped, [...at, "critical"], "card"), ["+critical: card"]],
    [setWords(shipped, [...at, "help"], "en", "How: it begins"), ['+help: {en: "How: it begins"}']],
    [
      setField(shipped, ["steps", "warn"], ""),
      expect.arrayContaining(["+steps: {days: 90, remind: 1, coach: 3, report: 10}"]),
    ],
    [
      setField(shipped, [...at, "cases", 0, "missing"], ["closing", "opening"]),
      ["-- {missing: [opening], give: no}", "+- {missing: [closing, opening], give: no}"],
    ],
  ] as const) {
    expect(changed(shipped, after)).toEqual(want);
  }
});

test("a new field stands where one looks for it", () => {
  const after = setField(shipped, ["sections", 2, "questions", 1, "by"], "model").split("\n");
  const line = after.indexOf("        by: model");
  expect(after[line - 1]).toBe("        weight: 30");
});

test("what is put in and taken out again leaves the text as it was", () => {
  const path = ["sections", 0, "questions"];
  const more = add(shipped, path, { id: "new", text: { "zh-TW": "新", en: "New" }, kind: "yes_no", weight: 0 });
  expect(card(more).sections[0]?.questions.map((q) => q.id)).toEqual(["opening", "closing", "new"]);
  expect(more).toContain("text: {zh-TW: 新, en: New}");
  expect(remove(more, path, 2)).toBe(shipped);
  const cases = ["sections", 2, "questions", 1, "cases"];
  expect(remove(add(shipped, cases, { give: 5 }), cases, 0)).toBe(shipped);
});

test("a case is added before the one that always applies", () => {
  const after = card(add(shipped, ["sections", 0, "questions", 0, "cases"], { found: ["opening"], give: "yes" }));
  expect(after.sections[0]?.questions[0]?.cases.map((c) => c.found.length + c.missing.length)).toEqual([1, 1, 0]);
});

test("moving there and back leaves the text as it was, and blank lines stand between", () => {
  const there = move(shipped, ["sections"], 0, 1);
  expect(card(there).sections.map((s) => s.id)).toEqual(["language", "manners", "care", "listening"]);
  expect(there).toContain("sections:\n  - id: language");
  expect(move(there, ["sections"], 1, -1)).toBe(shipped);
  expect(move(shipped, ["sections"], 0, -1)).toBe(shipped);
});

test("a comment goes with what it is about", () => {
  const yaml = "sections:\n  - id: a\n  # of b\n  - id: b # too\n";
  expect(move(yaml, ["sections"], 1, -1)).toBe("sections:\n  # of b\n  - id: b # too\n  - id: a\n");
});

test("yes and no of answers are words, however they are written", () => {
  const c = card("sections: [{questions: [{cases: [{give: no}, {give: true}, {give: 3}]}]}]");
  expect(c.sections[0]?.questions[0]?.cases.map((k) => k.give)).toEqual(["no", "yes", "3"]);
});

test("a text that the form cannot show says why", () => {
  expect(read("sections: [")).toMatchObject({ broken: "syntax", line: 1 });
  expect(read("- a")).toMatchObject({ broken: "shape" });
  expect(read("name: &n {en: x}\nid: *n")).toMatchObject({ broken: "anchors" });
  expect(setField("sections: [", ["id"], "x")).toBe("sections: [");
});

test("a hand-made text of another shape is read as far as it goes", () => {
  expect(card("sections: 3\nname: x\nsteps: [1]").sections).toEqual([]);
  expect(card("sections: [1, {questions: x}]").sections).toHaveLength(2);
});

test("weights, paths and ids", () => {
  expect(sum(["50", "51"])).toBe(101);
  expect(sum(["50", "x"])).toBeNull();
  expect(sum(["50", ""])).toBeNull();
  expect(pathName(["sections", 0, "questions", 2, "weight"])).toBe("sections[0].questions[2].weight");
  expect(freeId("question", ["question-2"])).toBe("question-3");
});
