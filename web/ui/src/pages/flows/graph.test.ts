import { expect, test } from "vitest";
import { placed, readFlow } from "./graph";
import { begun, canUndo, changed, now, redone, undone } from "./history";

const yaml = `kind: flow
id: small
languages: [zh-TW, en]
start: menu
prompts:
  menu: {zh-TW: 訂購請按一。, en: Press one.}
steps:
  menu:
    menu:
      say: menu
      timeout: {next: bye}
      invalid: {next: bye}
      choices:
        1: {next: order}
        "#": {next: menu}
  order:
    dance: {say: menu, with: bye, steps: [menu]}
  check:
    branch: {value: state, cases: [{is: [a, b], next: bye}, {from: 1, to: 5, next: menu}], else: order}
  bye:
    hangup: {}
`;

test("steps and the ways between them", () => {
  const flow = readFlow(yaml);
  expect(flow.steps.map((s) => `${s.name} ${s.kind} ${s.known}`)).toEqual([
    "menu menu true",
    "order dance false",
    "check branch true",
    "bye hangup true",
  ]);
  expect(flow.steps[0]?.says).toBe("訂購請按一。");
  expect(flow.edges.map((e) => `${e.from} ${e.label} ${e.to}${e.fallback ? " !" : ""}`)).toEqual([
    "menu 1 order",
    "menu # menu",
    "menu timeout bye !",
    "menu invalid bye !",
    "order with bye",
    "order steps menu",
    "check a、b bye",
    "check 1–5 menu",
    "check else order",
  ]);
  expect(flow.edges[0]?.path).toEqual(["steps", "menu", "menu", "choices", "1", "next"]);
});

test("every step has a place of its own", () => {
  const places = Object.values(placed(readFlow(yaml))).map((p) => `${p.x} ${p.y}`);
  expect(new Set(places).size).toBe(4);
});

test("half a flow is no crash", () => {
  expect(readFlow("steps: [").broken).not.toBe("");
  expect(readFlow("").steps).toEqual([]);
  expect(readFlow("steps: {a: , b: 3, c: {}}").steps.map((s) => s.kind)).toEqual(["", "", ""]);
});

test("typing in one field is one step back", () => {
  let h = changed(begun("a"), "ab", "x", 100);
  h = changed(h, "abc", "x", 200);
  expect([now(undone(h)), canUndo(undone(h)), now(redone(undone(h)))]).toEqual(["a", false, "abc"]);
  h = changed(h, "abcd", "y", 300);
  expect(now(undone(h))).toBe("abc");
  expect(now(changed(undone(h), "z", "", 400))).toBe("z");
});
