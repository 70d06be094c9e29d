import type { Schemas } from "../../api/client";
import { dayOf } from "../shared/period";

export type ByPeriod = Schemas["PeriodViolation"];
export type PeriodStep = "month" | "week";

/** How many months or weeks are shown, this one included. */
const shown = 6;

const dayMS = 24 * 3600 * 1000;

/** The first days of the last months or weeks, the newest first, and when the oldest of them begins in Taiwan. */
export function periodsBack(step: PeriodStep, now: number): { days: string[]; from: string } {
  const today = new Date(`${dayOf(now)}T00:00:00Z`);
  const monday = today.getTime() - ((today.getUTCDay() + 6) % 7) * dayMS;
  const days = Array.from({ length: shown }, (_, n) => {
    const first =
      step === "week"
        ? new Date(monday - 7 * n * dayMS)
        : new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - n, 1));
    return first.toISOString().slice(0, 10);
  });
  return { days, from: new Date(`${days.at(-1)}T00:00:00+08:00`).toISOString() };
}

/** A month as 2026-11, a week by its Monday as 11-23. */
export function labelOf(day: string, step: PeriodStep): string {
  return step === "month" ? day.slice(0, 7) : day.slice(5);
}

/** What is counted now and what was counted before, a row for each rule; what is said most now comes first. */
export function byPhrase(now: Schemas["Violation"][], past: ByPeriod[]) {
  const rows = new Map(
    now.map((v) => [
      v.rule,
      { rule: v.rule, phrase: v.phrase, now: v as typeof v | undefined, periods: new Map<string, ByPeriod>() },
    ]),
  );
  for (const p of past) {
    const row = rows.get(p.rule) ?? { rule: p.rule, phrase: p.phrase, now: undefined, periods: new Map() };
    row.phrase ||= p.phrase || p.rule;
    row.periods.set(p.from, p);
    rows.set(p.rule, row);
  }
  return [...rows.values()];
}
