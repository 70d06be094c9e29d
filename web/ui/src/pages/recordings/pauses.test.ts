import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { pauseMarks } from "./pauses";

const pause = (from: string, to?: string): Schemas["Pause"] => ({
  from: `2026-11-22T06:${from}Z`,
  to: to && `2026-11-22T06:${to}Z`,
  by: "u1",
  by_name: "王小明",
  cause: "agent",
});
const places = (...pauses: Schemas["Pause"][]) =>
  pauseMarks(pauses, "2026-11-22T06:00:00Z", 60).map((m) => [m.from, m.to]);

test("a pause lies where the clock says", () => {
  expect(places(pause("00:10", "00:25.5"), pause("00:30", "00:31"))).toEqual([
    [10, 25.5],
    [30, 31],
  ]);
});

test("one that lasts goes to the end, and none leaves the recording", () => {
  expect(places(pause("00:50"))).toEqual([[50, 60]]);
  expect(places(pause("00:50", "01:30"))).toEqual([[50, 60]]);
});

test("without pauses there are no marks", () => {
  expect(places()).toEqual([]);
});
