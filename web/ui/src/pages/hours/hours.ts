import { queryOptions } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { api, got, type Schemas } from "../../api/client";
import { named } from "../../i18n";
import { dateTime } from "../../lib/format";

export type Calendar = Schemas["OpenHours"];
export type OfficeYear = Schemas["OfficeYearView"];
export type State = Schemas["State"];

export const calendarsQuery = queryOptions({
  queryKey: ["hours", "calendars"],
  queryFn: () => got(api.GET("/api/v1/calendars")),
  refetchInterval: 30_000,
});

export const yearsQuery = queryOptions({
  queryKey: ["hours", "office"],
  queryFn: () => got(api.GET("/api/v1/office-years")),
});

const span = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Hours as people type them, `09:00-12:00, 13:00-18:00`; null when they are none. The server says the rest. */
export function parseHours(text: string): string[] | null {
  const spans = text
    .split(/[,，、]/)
    .map((s) => s.replace(/\s/g, "").replace(/[–－~～]/g, "-"))
    .filter(Boolean);
  return spans.every((s) => span.test(s)) ? spans : null;
}

export const hoursText = (spans: string[] | null | undefined): string => (spans ?? []).join(", ");

/** Where a span lies in its day, in per cent. */
export function place(s: string): { left: number; width: number } {
  const [from = "", to = ""] = s.split("-");
  const minute = (v: string) => Number(v.slice(0, 2)) * 60 + Number(v.slice(3, 5));
  const left = (minute(from) / 1440) * 100;
  return { left, width: (minute(to) / 1440) * 100 - left };
}

export const dayName = (s: { name_zh?: string; name_en?: string }): string =>
  named({ name_zh: s.name_zh ?? "", name_en: s.name_en || s.name_zh || "" });

/** Why it is open or closed, and until when. */
export function stateText(s: State, t: TFunction, lang: string): string {
  const until = s.until ? dateTime(s.until, lang) : "";
  const end = s.open
    ? until && t("hours.until_closed", { at: until })
    : until
      ? t("hours.until_open", { at: until })
      : s.why === "emergency"
        ? ""
        : t("hours.no_opening");
  return [t(`hours.why.${s.why}`, { name: dayName(s) }), end].filter(Boolean).join(" · ");
}

export const iso = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

export const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();

export function move(date: string, days: number): string {
  const d = new Date(`${date}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}

/** What a typed local time of Taipei is as a moment; the company's clock counts, whatever the browser's zone. */
export const moment = (local: string): string | undefined =>
  local ? new Date(`${local}:00+08:00`).toISOString() : undefined;

export type Special = { date: string; kind: "holiday" | "make_up" | "own"; name: string; hours: string[] };

/** The days of a year that are not as every other of their weekday; an own day goes before the office calendar. */
export function specials(c: Calendar, years: OfficeYear[], year: number): Map<string, Special> {
  const out = new Map<string, Special>();
  const office = c.office ? years.find((y) => y.year === year) : undefined;
  for (const d of office?.days ?? []) {
    const kind = d.kind === "make_up" ? "make_up" : "holiday";
    out.set(d.date, { date: d.date, kind, name: d.name, hours: kind === "make_up" ? c.make_up : c.holiday });
  }
  for (const d of c.days) {
    if (d.date.startsWith(`${year}-`)) out.set(d.date, { date: d.date, kind: "own", name: dayName(d), hours: d.hours });
  }
  return out;
}
