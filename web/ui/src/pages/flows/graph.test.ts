import { expect, test } from "vitest";
import { readFlow } from "./graph";
import { begun, canUndo, changed, now, redone, undone } from "./history";
import { firstView, linesOf, placed, spine, through } from "./layout";

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

const flow = readFlow(yaml);
const lines = linesOf(flow, (keys) => keys.join(", "));

test("ways between the same steps are one line", () => {
  expect(lines.map((l) => `${l.id}: ${l.label}`)).toContain("menu bye: timeout, invalid");
  const lost = linesOf(readFlow(yaml.replaceAll("next: bye", "next: away")), (keys) => keys.join(", "));
  expect(lost.filter((l) => !l.there).map((l) => l.label)).toEqual([
    "timeout → away?",
    "invalid → away?",
    "a、b → away?",
  ]);
});

test("every step and every label has a place of its own", () => {
  const layout = placed(flow, lines);
  const places = [...Object.values(layout.steps), ...Object.values(layout.lines).map((l) => l.label)];
  expect(new Set(places.map((p) => `${p.x} ${p.y}`)).size).toBe(4 + lines.filter((l) => l.from !== l.to).length);
});

test("a line goes by its points", () => {
  expect(
    through([
      { x: 0, y: 0 },
      { x: 4, y: 4 },
    ]),
  ).toBe("M 0,0 L 4,4");
  expect(
    through([
      { x: 0, y: 0 },
      { x: 2, y: 2 },
      { x: 4, y: 2 },
      { x: 6, y: 0 },
    ]),
  ).toBe("M 0,0 Q 2,2 3,2 Q 4,2 6,0");
});

test("a large flow begins where it can be read", () => {
  const [size, places] = [
    { width: 600, height: 500 },
    { a: { x: 2000, y: 16 }, b: { x: 1800, y: 90 }, c: { x: 0, y: 900 } },
  ];
  expect(firstView(places, ["a", "b"], size)).toEqual({ x: -1200, y: 44, zoom: 0.75 });
  expect(firstView(places, ["a", "c"], size)).toEqual({ x: -1275, y: 44, zoom: 0.75 });
  expect(firstView({ a: { x: 0, y: 0 } }, ["a"], size)).toEqual({ x: 200, y: 56, zoom: 1 });
  expect(spine(flow, "check")).toEqual(["check", "bye"]);
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
