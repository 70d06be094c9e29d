import { describe, expect, it } from "vitest";
import { type Calendar, moment, move, type OfficeYear, parseHours, place, specials } from "./hours";

describe("hours", () => {
  it("reads hours as people type them", () => {
    expect(parseHours("09:00-12:00, 13:00-18:00")).toEqual(["09:00-12:00", "13:00-18:00"]);
    expect(parseHours("09:00 – 12:00，13:00~24:00")).toEqual(["09:00-12:00", "13:00-24:00"]);
    expect(parseHours("")).toEqual([]);
    expect(parseHours("9-12")).toBeNull();
    expect(parseHours("09:00-25:00")).toBeNull();
  });
  it("places a span in its day", () => {
    expect(place("06:00-18:00")).toEqual({ left: 25, width: 50 });
    expect(place("00:00-24:00")).toEqual({ left: 0, width: 100 });
  });
  it("moves by days over months and years", () => {
    expect(move("2026-12-31", 1)).toBe("2027-01-01");
    expect(move("2028-03-01", -1)).toBe("2028-02-29");
  });
  it("takes typed times as those of Taipei", () => {
    expect(moment("2026-12-25T10:00")).toBe("2026-12-25T02:00:00.000Z");
    expect(moment("")).toBeUndefined();
  });
  it("puts own days before the office calendar", () => {
    const years = [
      {
        year: 2026,
        days: [
          { date: "2026-01-01", kind: "holiday", name: "開國紀念日" },
          { date: "2026-02-07", kind: "make_up", name: "補行上班" },
        ],
      },
    ] as OfficeYear[];
    const c = {
      office: true,
      make_up: ["09:00-18:00"],
      holiday: [],
      days: [{ date: "2026-01-01", name_zh: "元旦特賣", name_en: "", hours: ["10:00-12:00"] }],
    } as unknown as Calendar;
    const found = specials(c, years, 2026);
    expect(found.get("2026-01-01")).toMatchObject({ kind: "own", name: "元旦特賣" });
    expect(found.get("2026-02-07")).toMatchObject({ kind: "make_up", hours: ["09:00-18:00"] });
    expect(specials({ ...c, office: false }, years, 2026).size).toBe(1);
  });
});
