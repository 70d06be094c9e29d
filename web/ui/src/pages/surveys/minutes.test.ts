import { expect, test } from "vitest";
import { clockOf, minuteOf } from "./minutes";

test("minutes of the day and clocks are the same both ways", () => {
  for (const [minute, clock] of [
    [0, "00:00"],
    [540, "09:00"],
    [1261, "21:01"],
    [1440, "23:59"],
  ] as const) {
    expect(clockOf(minute)).toBe(clock);
    expect(minuteOf(clock)).toBe(minute);
  }
});
