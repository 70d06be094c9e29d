import type { Schemas } from "../../api/client";
import { named } from "../../i18n";
import { csv } from "../shared/csv";

export type LiftReport = Schemas["LiftReport"];
export type WordingLift = Schemas["WordingLift"];

// The first is what the page shows when nothing is chosen.
export const outcomes = ["sold", "resolved", "satisfied", "promoter"] as const;
export type Outcome = (typeof outcomes)[number];

/** Whether an outcome is a disposition; the others are answers of the survey. */
export const isDisposition = (outcome: Outcome) => outcome === "sold" || outcome === "resolved";

/** Why there is nothing to compare, if so. `known` are the dispositions of the company, once they are here. */
export type Lack = "no_codes" | "unknown_codes" | "no_calls" | "none_won" | "no_wordings";

export function lackOf(report: LiftReport, outcome: Outcome, known: string[] | undefined): Lack | null {
  if (isDisposition(outcome) && report.codes.length === 0) return "no_codes";
  if (report.won === 0 && report.codes.length > 0 && known && !report.codes.some((c) => known.includes(c)))
    return "unknown_codes";
  if (report.calls === 0) return "no_calls";
  if (report.won === 0) return "none_won";
  return report.items.length === 0 ? "no_wordings" : null;
}

/** How a figure is to be read, as keys of texts: what speaks against it, or which way it goes. */
export function readings(w: WordingLift): string[] {
  if (w.lift === 0) return ["unsaid"];
  const doubts = [w.few && "few", w.open && "open"].filter((d) => d !== false);
  return doubts.length > 0 ? doubts : [w.lift > 1 ? "more" : "less"];
}

const range = (w: WordingLift) => `${w.low.toFixed(2)}–${w.high.toFixed(2)}`;

/** 1.85 (1.20–2.86), and a dash when it cannot be said. */
export const liftText = (w: WordingLift) => (w.lift === 0 ? "–" : `${w.lift.toFixed(2)} (${range(w)})`);

/** The table as it stands on the screen, with figures as plain numbers and the phrases behind. */
export function liftCsv(report: LiftReport, t: (key: string) => string): string {
  const figures = ["calls", "won", "rate_with", "rate_without", "lift", "low", "high", "reading", "phrases"];
  const number = (w: WordingLift, value: number) => (w.lift === 0 ? undefined : Number(value.toFixed(3)));
  return csv([
    [t("lift.wording"), ...figures.map((f) => t(`lift.figure.${f}`))],
    ...report.items.map((w) => [
      named(w),
      w.calls,
      w.won,
      Number(w.rate_with.toFixed(1)),
      // Of no calls there is no rate.
      w.calls < report.calls ? Number(w.rate_without.toFixed(1)) : undefined,
      number(w, w.lift),
      number(w, w.low),
      number(w, w.high),
      readings(w)
        .map((r) => t(`lift.reading.${r}`))
        .join(t("lift.and")),
      w.phrases.join("、"),
    ]),
  ]);
}
