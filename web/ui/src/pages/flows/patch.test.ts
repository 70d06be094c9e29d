import { describe, expect, test } from "vitest";
import { linesAt, nodeAt, removeIn, renameIn, setIn, setList, written } from "./patch";

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
