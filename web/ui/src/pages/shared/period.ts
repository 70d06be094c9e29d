/** Periods that lists are filtered by. Days are those of the company: Taiwan keeps +08:00 all year. */

export const periods = ["today", "yesterday", "week", "month", "custom"] as const;
export type Period = (typeof periods)[number];

export type PeriodFilter = { period?: string; from?: string; to?: string };

const dayMs = 24 * 3600 * 1000;
const offsetMs = 8 * 3600 * 1000;

/** The day in Taiwan, YYYY-MM-DD. */
export function dayOf(now: number): string {
  return new Date(now + offsetMs).toISOString().slice(0, 10);
}

function midnight(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`);
}

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(midnight(text));

export function periodOf(value: string | undefined, fallback: Period): Period {
  return periods.find((p) => p === value) ?? fallback;
}

/** The period as the API wants it: from inclusive, to exclusive; absent where it is open. */
export function rangeOf(filter: PeriodFilter, fallback: Period, now: number): { from?: string; to?: string } {
  const today = midnight(dayOf(now));
  const iso = (at: number) => new Date(at).toISOString();
  switch (periodOf(filter.period, fallback)) {
    case "today":
      return { from: iso(today) };
    case "yesterday":
      return { from: iso(today - dayMs), to: iso(today) };
    case "week":
      return { from: iso(today - 6 * dayMs) };
    case "month":
      return { from: iso(today - 29 * dayMs) };
    case "custom":
      return {
        from: isDay(filter.from) ? iso(midnight(filter.from)) : undefined,
        to: isDay(filter.to) ? iso(midnight(filter.to) + dayMs) : undefined,
      };
  }
}
