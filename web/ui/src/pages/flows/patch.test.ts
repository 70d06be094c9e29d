import { describe, expect, test } from "vitest";
import { copyIn, insertIn, linesAt, moveIn, nodeAt, removeIn, renameIn, setIn, setList, written } from "./patch";

const text = `# the line of the firm
kind: flow
start: hours # first

steps:
  # opening hours
  hours:
    hours:
      week:
        mon-fri: "09:00-18:00" # not on Saturdays
      open: menu
      closed: bye

  menu: # what they want
    menu:
      say: [menu, nine@en]
      timeout: {after: 6s, next: bye}
      choices:
        1: {label: {zh-TW: 訂購}, next: order} # most of them
        "#": {next: menu}
  bye:
    hangup: {}
`;

/** The lines that differ, as a reader of a difference sees them. */
function changed(after: string): string[] {
  const a = text.split("\n");
  const b = after.split("\n");
  return [
    ...a.filter((l) => !b.includes(l)).map((l) => `-${l}`),
    ...b.filter((l) => !a.includes(l)).map((l) => `+${l}`),
  ];
}

describe("a change leaves everything else as it is", () => {
  test.each([
    ["a target", setIn(text, ["steps", "hours", "hours", "open"], "bye"), ["-      open: menu", "+      open: bye"]],
    ["a key of a block", setIn(text, ["steps", "hours", "hours", "holiday"], "bye"), ["+      holiday: bye"]],
    [
      "a key in braces",
      setIn(text, ["steps", "menu", "menu", "timeout", "repeat"], 1),
      ["-      timeout: {after: 6s, next: bye}", "+      timeout: {after: 6s, next: bye, repeat: 1}"],
    ],
    [
      "a value with a comment behind it",
      setIn(text, ["steps", "menu", "menu", "choices", "1", "next"], "bye"),
      [
        "-        1: {label: {zh-TW: 訂購}, next: order} # most of them",
        "+        1: {label: {zh-TW: 訂購}, next: bye} # most of them",
      ],
    ],
    [
      "what is missing on the way",
      setIn(text, ["steps", "menu", "menu", "invalid", "next"], "bye"),
      ["+      invalid: {next: bye}"],
    ],
    [
      "empty braces",
      setIn(text, ["steps", "bye", "hangup", "say"], "bye"),
      ["-    hangup: {}", "+    hangup: {say: bye}"],
    ],
    ["a new step", setIn(text, ["steps", "new"], { play: { next: "bye" } }), ["+  new: {play: {next: bye}}"]],
    ["a choice gone", removeIn(text, ["steps", "menu", "menu", "choices", "#"]), ['-        "#": {next: menu}']],
    [
      "the first in braces gone",
      removeIn(text, ["steps", "menu", "menu", "timeout", "after"]),
      ["-      timeout: {after: 6s, next: bye}", "+      timeout: {next: bye}"],
    ],
    [
      "the last in braces gone",
      removeIn(text, ["steps", "menu", "menu", "timeout", "next"]),
      ["-      timeout: {after: 6s, next: bye}", "+      timeout: {after: 6s}"],
    ],
    [
      "a step renamed",
      renameIn(text, ["steps", "menu"], "main-menu"),
      ["-  menu: # what they want", "+  main-menu: # what they want"],
    ],
    ["a step gone", removeIn(text, ["steps", "bye"]), ["-  bye:", "-    hangup: {}"]],
    [
      "a list",
      setList(text, ["steps", "menu", "menu", "say"], ["menu", "ten@en", "more"]),
      ["-      say: [menu, nine@en]", "+      say: [menu, ten@en, more]"],
    ],
    [
      "a shorter list",
      setList(text, ["steps", "menu", "menu", "say"], ["menu"]),
      ["-      say: [menu, nine@en]", "+      say: [menu]"],
    ],
  ])("%s", (_, after, lines) => expect(changed(after)).toEqual(lines));
});

test("what cannot stand plainly is quoted", () => {
  expect(written("您好，訂購請按一。")).toBe("您好，訂購請按一。");
  expect(written("a: b")).toBe('"a: b"');
  expect(written("123")).toBe('"123"');
  expect(written("true")).toBe('"true"');
  expect(written("one\n  two")).toBe("one two");
  expect(written({ "#": { next: "a" } })).toBe('{"#": {next: a}}');
});

test("a fault's line is found in its field", () => {
  expect(linesAt(text, ["steps", "hours", "hours", "week"])).toEqual([9, 10]);
  expect(linesAt(text, ["steps", "menu", "menu", "choices", "1"])).toEqual([19, 19]);
  expect(nodeAt(text, ["steps", "nothing", "play"])).toBeUndefined();
});

describe("items of a list", () => {
  const list = `questions:
  # the first
  - id: a # why
    text: {en: "A?"}

  # the second
  - id: b
    then: {1: c}
  - id: c
# the end
`;
  const blocks = [
    ["down", moveIn(list, ["questions"], 0, 2), "b c a"],
    ["up", moveIn(list, ["questions"], 2, 0), "c a b"],
    ["nowhere", moveIn(list, ["questions"], 0, 7), "a b c"],
    ["a new first", insertIn(list, ["questions"], 0, { id: "n", kind: "yesno" }), "n a b c"],
    ["a new last", insertIn(list, ["questions"], 3, { id: "n", text: { en: "N?" } }), "a b c n"],
    ["a copy", copyIn(list, ["questions"], 0, "id", "n"), "a n b c"],
  ] as const;
  test.each(blocks)("%s", (_, after, order) => {
    expect([...after.matchAll(/^ {2}- id: (\w)/gm)].map((m) => m[1]).join(" ")).toBe(order);
    for (const line of list.split("\n")) expect(after.split("\n")).toContain(line);
    expect(after.match(/# the second\n {2}- id: b\n {4}then/)).not.toBeNull();
    expect(after.match(/# the first\n {2}- id: a # why\n {4}text/)).not.toBeNull();
    expect(after.endsWith("# the end\n")).toBe(true);
  });
  test("a copy takes all but the comments above", () =>
    expect(copyIn(list, ["questions"], 1, "id", "n")).toContain("    then: {1: c}\n  - id: n\n    then: {1: c}\n"));
  test("in braces", () => {
    const flow = "questions: [{id: a}, {id: b}]\n";
    expect(moveIn(flow, ["questions"], 1, 0)).toBe("questions: [{id: b}, {id: a}]\n");
    expect(insertIn(flow, ["questions"], 1, { id: "n" })).toBe("questions: [{id: a}, {id: n}, {id: b}]\n");
    expect(insertIn(flow, ["questions"], 0, { id: "n" })).toBe("questions: [{id: n}, {id: a}, {id: b}]\n");
    expect(copyIn(flow, ["questions"], 0, "id", "n")).toBe("questions: [{id: a}, {id: n}, {id: b}]\n");
  });
  test.each([["questions: []\n"], ["questions:\n"], ["id: x\n"]])("into an empty list: %j", (empty) => {
    const after = insertIn(empty, ["questions"], 0, { id: "n", kind: "yesno" });
    expect(after).toContain("questions:\n  - id: n\n    kind: yesno\n");
  });
});
