import { expect, test } from "vitest";
import { difference } from "./difference";

test("lines that differ are shown with a few around them", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\n";
  const after = "a\nb\nc\nD\ne\nf\ng\n";
  expect(difference(before, after).map((l) => `${l.kind} ${l.text}`)).toEqual([
    "skipped ⋯",
    "same b",
    "same c",
    "removed d",
    "added D",
    "same e",
    "same f",
    "skipped ⋯",
  ]);
});

test("the same text has no difference", () => {
  expect(difference("a\nb\n", "a\nb\n")).toEqual([]);
  expect(difference("", "")).toEqual([]);
});

test("a text that begins from nothing is added", () => {
  expect(difference("", "a\n").map((l) => `${l.kind} ${l.text}`)).toEqual(["added a"]);
});
