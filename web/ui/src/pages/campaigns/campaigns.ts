import { queryOptions } from "@tanstack/react-query";
import { api, got, type Schemas } from "../../api/client";

export type Campaign = Schemas["CampaignTable"];
export type Settings = Schemas["CampaignSettings"];

/** The states of a contact in the order of a table. A campaign shows those of its way. */
export const results = [
  "waiting",
  "dialling",
  "sent",
  "complete",
  "partial",
  "silent",
  "machine",
  "busy",
  "no_answer",
  "rejected",
  "invalid",
  "do_not_call",
  "recently_asked",
  "expired",
  "failed",
] as const;

export type Result = (typeof results)[number];

const onlyCalls: Result[] = ["dialling", "silent", "machine", "busy", "no_answer", "rejected", "invalid"];

/** What can become of a contact of the campaign. */
export function resultsOf(c: { way: string }): Result[] {
  return results.filter((r) => (c.way === "link" ? !onlyCalls.includes(r) : r !== "sent"));
}

/** While a campaign runs its figures change by themselves. */
const live = 3_000;
const still = 30_000;

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns", "list"],
  queryFn: () => got(api.GET("/api/v1/campaigns")),
  refetchInterval: (q) => (q.state.data?.items?.some((c) => c.state === "running") ? live : still),
});

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ["campaigns", "one", id],
    queryFn: () => got(api.GET("/api/v1/campaigns/{campaign}", { params: { path: { campaign: id } } })),
    refetchInterval: (q) => (q.state.data?.state === "running" ? live : still),
  });

export const optionsQuery = queryOptions({
  queryKey: ["campaigns", "options"],
  queryFn: () => got(api.GET("/api/v1/campaign-options")),
});

/** Returned of sent, in percent; null before anybody was reached. */
export function rate(c: { reached: number; answered: number }): number | null {
  return c.reached > 0 ? (100 * c.answered) / c.reached : null;
}

/** Hours as people write them; null for what is none. The server says more about what is wrong. */
export function readHours(text: string): string[] | null {
  const spans = text
    .split(/[,，、;；\n]/)
    .map((s) =>
      s
        .trim()
        .replaceAll("：", ":")
        .replace(/[–—~～]/, "-"),
    )
    .filter(Boolean);
  return spans.every((s) => /^\d{2}:\d{2}\s*-\s*\d{2}:\d{2}$/.test(s)) ? spans : null;
}
