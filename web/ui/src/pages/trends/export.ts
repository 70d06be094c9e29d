import { csv } from "../shared/csv";
import { nameOf, type Report } from "./trend";

const round = (value: number | null) => (value === null ? undefined : Number(value.toFixed(1)));

/** The table as it stands on the screen, with figures as plain numbers, and the calls of each day behind. */
export function trendsCsv(report: Report, t: (key: string) => string): string {
  const figures = ["calls", "share", "share_before", "change", "mentions", "positive", "negative", "balance"];
  return csv([
    [t("trends.name"), ...figures.map((f) => t(`trends.figure.${f}`)), ...report.days.map((d) => d.day)],
    ...report.items.map((i) => {
      const by = new Map(i.points.map((p) => [p.day, p.calls]));
      return [
        nameOf(i),
        i.calls,
        round(i.share),
        round(i.share_before),
        round(i.change),
        i.mentions,
        i.positive,
        i.negative,
        round(i.balance),
        ...report.days.map((d) => by.get(d.day) ?? 0),
      ];
    }),
  ]);
}
