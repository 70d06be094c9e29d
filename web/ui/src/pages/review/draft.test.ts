import { expect, test } from "vitest";
import type { Question } from "../quality/parts";
import { keyOfValue, valueOfKey } from "./draft";

const question = (q: Partial<Question>): Question => ({
  id: "q",
  text: {},
  weight: 1,
  na: false,
  kind: "yes_no",
  ...q,
});

test("digits answer: yes and no, numbers, choices", () => {
  const yesNo = question({});
  expect(["1", "0", "2", "-"].map((k) => valueOfKey(yesNo, k))).toEqual(["yes", "no", null, null]);
  const points = question({ kind: "points", most: 3, na: true });
  expect(["0", "3", "4", "-"].map((k) => valueOfKey(points, k))).toEqual(["0", "3", null, "na"]);
  const scale = question({ kind: "scale", most: 5 });
  expect(["0", "1", "5"].map((k) => valueOfKey(scale, k))).toEqual([null, "1", "5"]);
  const choice = question({
    kind: "choice",
    choices: [
      { id: "full", text: {}, share: 100 },
      { id: "none", text: {}, share: 0 },
    ],
  });
  expect(["1", "2", "3", "0"].map((k) => valueOfKey(choice, k))).toEqual(["full", "none", null, null]);
});

test("each answer shows its key; ten has none", () => {
  expect(keyOfValue(question({ kind: "points", most: 10 }), "10")).toBe("");
  expect(keyOfValue(question({ kind: "points", most: 10 }), "9")).toBe("9");
  expect(keyOfValue(question({}), "no")).toBe("0");
});
