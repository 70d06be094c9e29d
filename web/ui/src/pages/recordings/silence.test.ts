import { expect, test } from "vitest";
import { silences, skipTo } from "./silence";

/** Points of half a second; a loud one on either side is speech. */
const peaks = (left: number[], right: number[]) => ({
  rate: 8000,
  step: 4000,
  left: left.flatMap((v) => [-v, v]),
  right: right.flatMap((v) => [-v, v]),
});

test("silence is where nobody speaks for long", () => {
  expect(silences(peaks([90, 0, 0, 0, 0, 0, 0, 50], [0, 0, 9, 0, 1, 2, 0, 0]))).toEqual([{ from: 1.5, to: 3.5 }]);
  expect(silences(peaks([0, 0, 0], [0, 0, 0]))).toEqual([{ from: 0, to: 1.5 }]);
  expect(silences(peaks([], []))).toEqual([]);
});

test("a breath is left before and after speech", () => {
  const all = [{ from: 10, to: 20 }];
  expect(skipTo(all, 10.1)).toBeNull();
  expect(skipTo(all, 10.4)).toBe(19.7);
  expect(skipTo(all, 19.5)).toBeNull();
  expect(skipTo(all, 25)).toBeNull();
});
