import { expect, test } from "vitest";
import { csv } from "./csv";

test("fields with commas and quotes are quoted, formulas disarmed, numbers left alone", () => {
  expect(
    csv([
      ["佇列", "a,b"],
      ['say "hi"', -12.5],
      ["=1+1", undefined],
    ]),
  ).toBe(`\ufeff佇列,"a,b"\r\n"say ""hi""",-12.5\r\n'=1+1,\r\n`);
});
