import { describe, expect, it } from "vitest";
import { parts, tooShort } from "./words";

const shown = (text: string, q: string) =>
  parts(text, q)
    .map((p) => (p.found ? `[${p.text}]` : p.text))
    .join("");

describe("what was looked for in a line", () => {
  it("is marked wherever it stands, across punctuation", () => {
    expect(shown("您好，感謝您，您好", "您好")).toBe("[您好]，感謝您，[您好]");
    expect(shown("您好，感謝您", "您好感謝")).toBe("[您好，感謝]您");
    expect(shown("I want my Refund", "refund")).toBe("I want my [Refund]");
    expect(shown("我要退貨", "退貨 沒有")).toBe("我要[退貨]");
    expect(shown("", "退貨")).toBe("");
  });

  it("has at least two characters", () => {
    expect(["", " ", "好", "退貨 好", "、、、"].map(tooShort)).toEqual([true, true, true, true, true]);
    expect(["退貨", "ok", "退貨 您好"].map(tooShort)).toEqual([false, false, false]);
  });
});
