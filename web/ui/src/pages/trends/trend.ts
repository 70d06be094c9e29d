import type { Schemas } from "../../api/client";
import { language } from "../../i18n";

export type Report = Schemas["TrendReport"];
export type Trend = Schemas["Trend"];

// The first of each is what the page shows when nothing is chosen.
export const kinds = ["topic", "product"] as const;
export const steps = ["day", "week"] as const;
export const voices = ["caller", "agent", "both"] as const;
export type Kind = (typeof kinds)[number];

export function choose<T extends string>(all: readonly [T, ...T[]], value: string | undefined): T {
  return all.find((a) => a === value) ?? all[0];
}

export const nameOf = (trend: Trend) => (language() === "en" ? trend.name_en : trend.name_zh);

/** A figure with its sign, so that more and less are told apart without a colour. */
export function signed(value: number | null, unit = ""): string {
  if (value === null) return "–";
  const n = Math.round(value);
  return `${n > 0 ? "+" : n < 0 ? "−" : "±"}${Math.abs(n)}${unit}`;
}

/** The calls of each day of the report; a day on which nobody spoke of it has 0. */
export function series(report: Report, trend: Trend): { day: string; calls: number; share: number }[] {
  const by = new Map(trend.points.map((p) => [p.day, p.calls]));
  return report.days.map((d) => {
    const calls = by.get(d.day) ?? 0;
    return { day: d.day, calls, share: d.calls ? (100 * calls) / d.calls : 0 };
  });
}
