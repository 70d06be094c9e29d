import { describe, expect, it } from "vitest";
import { rate, readHours, results, resultsOf } from "./campaigns";

describe("campaigns", () => {
  it("shows every result for one way at least", () => {
    expect(new Set([...resultsOf({ way: "outbound" }), ...resultsOf({ way: "link" })])).toEqual(new Set(results));
  });
  it("has no rate before anybody was reached", () => {
    expect(rate({ reached: 0, answered: 0 })).toBeNull();
    expect(rate({ reached: 8, answered: 2 })).toBe(25);
  });
  it("reads hours as people write them", () => {
    expect(readHours("09:00-12:00, 13:30~21:00")).toEqual(["09:00-12:00", "13:30-21:00"]);
    expect(readHours("０９-12")).toBeNull();
    expect(readHours("")).toEqual([]);
  });
});
