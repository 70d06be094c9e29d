import { expect, test } from "vitest";
import {
  type LiftReport,
  lackOf,
  liftCsv,
  liftText,
  type MinedReport,
  minedCsv,
  readings,
  type WordingLift,
} from "./lift";

const wording = (more: Partial<WordingLift>): WordingLift => ({
  entry: "bundle",
  name_zh: "加購",
  name_en: "Add to the order",
  phrases: ["加購", "搭配一起"],
  calls: 80,
  won: 40,
  rate_with: 50,
  rate_without: 25,
  lift: 2,
  low: 1.4967,
  high: 2.6726,
  few: false,
  open: false,
  ...more,
});
const report = (more: Partial<LiftReport>): LiftReport => ({
  from: "",
  to: "",
  codes: ["sold"],
  survey: "",
  surveys: [],
  calls: 200,
  won: 70,
  items: [wording({})],
  ...more,
});

test("a figure says what speaks against it, or which way it goes", () => {
  expect(readings(wording({}))).toEqual(["more"]);
  expect(readings(wording({ lift: 0.5, low: 0.3, high: 0.8 }))).toEqual(["less"]);
  expect(readings(wording({ few: true, open: true }))).toEqual(["few", "open"]);
  expect(readings(wording({ few: true }))).toEqual(["few"]);
  expect(readings(wording({ lift: 0, low: 0, high: 0, few: true, open: true }))).toEqual(["unsaid"]);
});

test("a lift stands with its interval, and one that cannot be said is a dash", () => {
  expect(liftText(wording({}))).toBe("2.00 (1.50–2.67)");
  expect(liftText(wording({ lift: 0 }))).toBe("–");
});

test("what lacks is named, the first cause first", () => {
  const known = ["sold", "solved"];
  expect(lackOf(report({}), "sold", known)).toBeNull();
  expect(lackOf(report({ codes: [], calls: 0, won: 0 }), "sold", known)).toBe("no_codes");
  expect(lackOf(report({ won: 0 }), "sold", ["ok"])).toBe("unknown_codes");
  expect(lackOf(report({}), "sold", ["ok"])).toBeNull(); // calls of before the code was taken away
  expect(lackOf(report({ won: 0 }), "sold", undefined)).toBe("none_won");
  expect(lackOf(report({ calls: 0, won: 0 }), "sold", known)).toBe("no_calls");
  expect(lackOf(report({ codes: [], calls: 0, won: 0 }), "promoter", known)).toBe("no_calls");
  expect(lackOf(report({ items: [] }), "sold", known)).toBe("no_wordings");
});

test("the file has plain numbers, and nothing where there is none", () => {
  const all = wording({ entry: "closing", calls: 200, lift: 0, low: 0, high: 0, rate_without: 0, open: true });
  const rows = liftCsv(report({ items: [wording({}), all] }), (k) => k).split("\r\n");
  expect(rows[0]).toContain("lift.wording,lift.figure.calls,lift.figure.won");
  expect(rows[1]).toBe("加購,80,40,50,25,2,1.497,2.673,lift.reading.more,加購、搭配一起");
  expect(rows[2]).toBe("加購,200,40,50,,,,,lift.reading.unsaid,加購、搭配一起");
});

test("a mined phrase that is not believed says so, and the file has the rate", () => {
  const { entry: _, name_zh: __, name_en: ___, phrases: ____, ...figures } = wording({});
  const mined: MinedReport = {
    ...report({}),
    sampled: 200,
    won_sampled: 70,
    seed: 4,
    floor: 30,
    tried: 900,
    items: [{ ...figures, text: "今天免運費", false_discovery: 0.21345, believed: false }],
  };
  expect(readings({ ...figures, believed: false })).toEqual(["chance"]);
  expect(minedCsv(mined, (k) => k).split("\r\n")[1]).toBe(
    "今天免運費,80,40,50,25,2,1.497,2.673,lift.reading.chance,0.213",
  );
  expect(lackOf({ ...mined, items: [] }, "sold", ["sold"])).toBe("no_phrases");
  expect(lackOf({ ...mined, items: [], sampled: 50 }, "sold", ["sold"])).toBe("few_calls");
});
