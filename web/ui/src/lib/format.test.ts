import { expect, test } from "vitest";
import { date, dateTime, duration, money, phone, time } from "./format";

test("dates are those of Taipei, with the weekday", () => {
  expect(dateTime("2026-11-22T06:05:00Z")).toBe("2026-11-22（日）14:05");
  expect(dateTime("2026-11-22T06:05:00Z", "en")).toBe("2026-11-22 (Sun) 14:05");
  expect(date("2026-11-22T16:00:00Z")).toBe("2026-11-23（一）");
  expect(time("2026-11-22T16:00:00Z")).toBe("00:00");
});

test("no time, and Go's zero time, are written as nothing", () => {
  expect(dateTime(undefined)).toBe("");
  expect(dateTime("0001-01-01T00:00:00Z")).toBe("");
});

test("durations", () => {
  expect(duration(187)).toBe("3:07");
  expect(duration(3787)).toBe("1:03:07");
  expect(duration(-4)).toBe("0:00");
  expect(duration(undefined)).toBe("");
});

test("money and phones", () => {
  expect(money(1250)).toBe("NT$1,250");
  expect(phone("+886912345678")).toBe("0912-345-678");
  expect(phone("+886912***678")).toBe("0912-***-678");
  expect(phone("+886223456789")).toBe("02-2345-6789");
  expect(phone("+886800000123")).toBe("0800-000-123");
  expect(phone("+14155550100")).toBe("+14155550100");
});
