import type { Schemas } from "../../api/client";
import { named } from "../../i18n";
import { csv } from "../shared/csv";

export type LiftReport = Schemas["LiftReport"];
export type WordingLift = Schemas["WordingLift"];
export type MinedReport = Schemas["MinedReport"];
export type MinedPhrase = Schemas["MinedPhrase"];

/** What a wording of the dictionary and a mined phrase have both. */
export type Figures = Omit<MinedPhrase, "text" | "false_discovery" | "believed"> & { believed?: boolean };

// The first is what the page shows when nothing is chosen.
export const outcomes = ["sold", "resolved", "satisfied", "promoter"] as const;
export type Outcome = (typeof outcomes)[number];

/** Whether an outcome is a disposition; the others are answers of the survey. */
export const isDisposition = (outcome: Outcome) => outcome === "sold" || outcome === "resolved";

// Where the wordings come from.
export const sources = ["dictionary", "mined"] as const;

/** Why there is nothing to compare, if so. `known` are the dispositions of the company, once they are here. */
export type Lack = "no_codes" | "unknown_codes" | "no_calls" | "none_won" | "no_wordings" | "no_phrases" | "few_calls";

export function lackOf(report: LiftReport | MinedReport, outcome: Outcome, known: string[] | undefined): Lack | null {
  if (isDisposition(outcome) && report.codes.length === 0) return "no_codes";
  if (report.won === 0 && report.codes.length > 0 && known && !report.codes.some((c) => known.includes(c)))
    return "unknown_codes";
  if (report.calls === 0) return "no_calls";
  if (report.won === 0) return "none_won";
  if (report.items.length > 0) return null;
  if (!("floor" in report)) return "no_wordings";
  return report.sampled < 2 * report.floor ? "few_calls" : "no_phrases";
}

/** How a figure is to be read, as keys of texts: what speaks against it, or which way it goes. */
export function readings(w: Figures): string[] {
  if (w.lift === 0) return ["unsaid"];
  const doubts = [w.few && "few", w.open && "open", w.believed === false && !w.open && "chance"].filter(
    (d) => d !== false,
  );
  return doubts.length > 0 ? doubts : [w.lift > 1 ? "more" : "less"];
}

const range = (w: Figures) => `${w.low.toFixed(2)}–${w.high.toFixed(2)}`;

/** 1.85 (1.20–2.86), and a dash when it cannot be said. */
export const liftText = (w: Figures) => (w.lift === 0 ? "–" : `${w.lift.toFixed(2)} (${range(w)})`);

type T = (key: string) => string;

const figures = ["calls", "won", "rate_with", "rate_without", "lift", "low", "high", "reading"];

/** The figures as plain numbers; `calls` is how many there are in all. */
function cells(w: Figures, calls: number, t: T) {
  const number = (value: number) => (w.lift === 0 ? undefined : Number(value.toFixed(3)));
  return [
    w.calls,
    w.won,
    Number(w.rate_with.toFixed(1)),
    // Of no calls there is no rate.
    w.calls < calls ? Number(w.rate_without.toFixed(1)) : undefined,
    number(w.lift),
    number(w.low),
    number(w.high),
    readings(w)
      .map((r) => t(`lift.reading.${r}`))
      .join(t("lift.and")),
  ];
}

/** The table as it stands on the screen, and the phrases behind. */
export function liftCsv(report: LiftReport, t: T): string {
  return csv([
    [t("lift.wording"), ...[...figures, "phrases"].map((f) => t(`lift.figure.${f}`))],
    ...report.items.map((w) => [named(w), ...cells(w, report.calls, t), w.phrases.join("、")]),
  ]);
}

/** The mined phrases, and at which share of chance each would be believed. */
export function minedCsv(report: MinedReport, t: T): string {
  return csv([
    [t("lift.phrase"), ...[...figures, "false_discovery"].map((f) => t(`lift.figure.${f}`))],
    ...report.items.map((w) => [w.text, ...cells(w, report.sampled, t), Number(w.false_discovery.toPrecision(3))]),
  ]);
}
