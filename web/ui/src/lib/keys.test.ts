import { afterEach, expect, test } from "vitest";
import { actionOf, actions, binding, defaults, keyOf, refusal, remap } from "./keys";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({
    key,
    code: "",
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    target: document.body,
    ...more,
  }) as KeyboardEvent;

afterEach(() => {
  for (const a of actions) remap(a, null);
});

test("presses are written as people read them", () => {
  expect(binding(press("F9", { shiftKey: true }))).toBe("Shift+F9");
  expect(binding(press("?", { shiftKey: true }))).toBe("?");
  expect(binding(press("˜", { altKey: true, code: "KeyN" }))).toBe("Alt+N");
  expect(binding(press("Shift", { shiftKey: true }))).toBe("");
});

test("characters do nothing while one types, function keys do", () => {
  const input = document.createElement("input");
  expect(actionOf(press("?", { shiftKey: true, target: input }))).toBe(null);
  expect(actionOf(press("?", { shiftKey: true }))).toBe("help");
  expect(actionOf(press("F2", { target: input }))).toBe("answer");
});

test("no two actions share a key, and none takes one of the browser's", () => {
  expect(new Set(Object.values(defaults)).size).toBe(actions.length);
  for (const a of actions) expect(refusal(a, defaults[a])).toBe(null);
  expect(refusal("hold", "F5")).toBe("reserved");
  expect(refusal("hold", "3")).toBe("digit");
  expect(refusal("hold", "F2")).toEqual({ used: "answer" });
});

test("a remapped key counts and the old one does not", () => {
  remap("answer", "F3");
  expect(keyOf("answer")).toBe("F3");
  expect(actionOf(press("F3"))).toBe("answer");
  expect(actionOf(press("F2"))).toBe(null);
});
