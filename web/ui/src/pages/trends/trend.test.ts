import { expect, test } from "vitest";
import { choose, kinds, type Report, series, signed, type Trend } from "./trend";

test("what is not known is the usual", () => {
  expect(choose(kinds, "product")).toBe("product");
  expect(choose(kinds, "words")).toBe("topic");
  expect(choose(kinds, undefined)).toBe("topic");
});

test("a figure is signed without a colour", () => {
  expect([12.4, -3.6, 0.2, null].map((v) => signed(v, "%"))).toEqual(["+12%", "−4%", "±0%", "–"]);
});

test("a day on which nobody spoke of it has none, and shares are of its own calls", () => {
  const report = {
    days: [
      { day: "2026-11-01", calls: 4 },
      { day: "2026-11-02", calls: 2 },
    ],
  } as Report;
  const trend = { points: [{ day: "2026-11-02", calls: 1, mentions: 3, positive: 0, negative: 0 }] } as Trend;
  expect(series(report, trend)).toEqual([
    { day: "2026-11-01", calls: 0, share: 0 },
    { day: "2026-11-02", calls: 1, share: 50 },
  ]);
});
