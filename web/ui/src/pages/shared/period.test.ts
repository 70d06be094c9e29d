import { expect, test } from "vitest";
import { dayOf, periodOf, rangeOf } from "./period";

// 01:30 in Taiwan, still the day before in UTC.
const now = Date.parse("2026-11-22T17:30:00Z");

test("a day begins at midnight in Taiwan", () => {
  expect(dayOf(now)).toBe("2026-11-23");
  expect(rangeOf({ period: "today" }, "week", now)).toEqual({ from: "2026-11-22T16:00:00.000Z" });
  expect(rangeOf({ period: "yesterday" }, "week", now)).toEqual({
    from: "2026-11-21T16:00:00.000Z",
    to: "2026-11-22T16:00:00.000Z",
  });
});

test("a week is today and the six days before", () => {
  expect(rangeOf({}, "week", now)).toEqual({ from: "2026-11-16T16:00:00.000Z" });
});

test("chosen days include the last one, and nonsense leaves the end open", () => {
  expect(rangeOf({ period: "custom", from: "2026-11-01", to: "2026-11-01" }, "week", now)).toEqual({
    from: "2026-10-31T16:00:00.000Z",
    to: "2026-11-01T16:00:00.000Z",
  });
  expect(rangeOf({ period: "custom", from: "soon", to: "2026-13-40" }, "week", now)).toEqual({});
});

test("an unknown period is the usual one", () => {
  expect(periodOf("century", "month")).toBe("month");
});
