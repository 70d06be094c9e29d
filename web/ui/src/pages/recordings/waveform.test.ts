import { expect, test } from "vitest";
import { columns, gain, nextSpeed, seekTime } from "./waveform";

test("many points are gathered into the loudest of each column", () => {
  expect(columns([-10, 20, -127, 5, 0, 0, -1, 127], 2)).toEqual([
    { low: -1, high: 20 / 127 },
    { low: -1 / 127, high: 1 },
  ]);
});

test("few points are drawn wide, and none is a flat line", () => {
  expect(columns([-127, 127], 3)).toEqual(Array(3).fill({ low: -1, high: 1 }));
  expect(columns([], 2)).toEqual(Array(2).fill({ low: 0, high: 0 }));
});

test("full scale down is cut to the lane", () => {
  expect(columns([-128, 127], 1)).toEqual([{ low: -1, high: 1 }]);
});

test("quiet calls are enlarged alike in both lanes, silence is not", () => {
  expect(gain({ rate: 8000, step: 160, left: [-20, 10], right: [0, 0] })).toBeCloseTo(127 / 20);
  expect(gain({ rate: 8000, step: 160, left: [-1, 1], right: [] })).toBe(8);
  expect(gain({ rate: 8000, step: 160, left: [], right: [] })).toBe(1);
});

test("a click seeks within the recording", () => {
  expect(seekTime(50, 200, 60)).toBe(15);
  expect(seekTime(-3, 200, 60)).toBe(0);
  expect(seekTime(300, 200, 60)).toBe(60);
  expect(seekTime(5, 0, 60)).toBe(0);
});

test("speeds end at 0.5 and 3", () => {
  expect(nextSpeed(1, 1)).toBe(1.25);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
  expect(nextSpeed(3, 1)).toBe(3);
});
