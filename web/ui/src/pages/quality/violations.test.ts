import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { byPhrase, labelOf, periodsBack } from "./violations";

// 01:30 on Monday the 23rd in Taiwan, still Sunday in UTC.
const now = Date.parse("2026-11-22T17:30:00Z");

test("months begin on their first day in Taiwan, and go back over the year", () => {
  const { days, from } = periodsBack("month", Date.parse("2026-02-28T17:30:00Z"));
  expect(days).toEqual(["2026-03-01", "2026-02-01", "2026-01-01", "2025-12-01", "2025-11-01", "2025-10-01"]);
  expect(from).toBe("2025-09-30T16:00:00.000Z");
});

test("weeks begin on Monday", () => {
  expect(periodsBack("week", now).days.slice(0, 3)).toEqual(["2026-11-23", "2026-11-16", "2026-11-09"]);
  expect(periodsBack("week", now - 24 * 3600 * 1000).days[0]).toBe("2026-11-16");
  expect([labelOf("2026-11-16", "week"), labelOf("2026-11-01", "month")]).toEqual(["11-16", "2026-11"]);
});

test("a phrase that is no longer counted keeps its months", () => {
  const lately = { rule: "wait", phrase: "您等一下", count: 3 } as Schemas["Violation"];
  const past = (from: string, rule: string, count: number) =>
    ({ from, rule, phrase: rule, count, appealed: 0, confirmed: 0, step: "" }) as Schemas["PeriodViolation"];
  const rows = byPhrase([lately], [past("2026-11-01", "wait", 3), past("2026-06-01", "cannot", 1)]);
  expect(rows.map((r) => [r.phrase, r.now?.count, [...r.periods.keys()]])).toEqual([
    ["您等一下", 3, ["2026-11-01"]],
    ["cannot", undefined, ["2026-06-01"]],
  ]);
});
