import type { TFunction } from "i18next";
import { phone } from "../lib/format";
import { type DeskState, popOf } from "./desk";

export type Caller = {
  kind: "none" | "looking" | "withheld" | "unknown" | "choose" | "known";
  /** In words, never empty while there is a call. */
  name: string;
  tier: string;
};

/** Who the caller is, as far as anybody knows. */
export function callerOf(s: DeskState, t: TFunction): Caller {
  const call = s.agent?.call;
  if (!call) return { kind: "none", name: "", tier: "" };
  const pop = popOf(s);
  if (pop?.customer) return { kind: "known", name: pop.customer.name, tier: pop.customer.tier };
  const candidates = pop?.candidates ?? [];
  if (candidates.length > 0) {
    return { kind: "choose", name: candidates.map((c) => c.name).join("、"), tier: "" };
  }
  if (call.anonymous || pop?.anonymous) return { kind: "withheld", name: t("desk.withheld"), tier: "" };
  if (!pop && call.customers === null) return { kind: "looking", name: t("desk.looking_up"), tier: "" };
  const number = phone(pop?.phone);
  return { kind: "unknown", name: number ? `${t("desk.unknown")} ${number}` : t("desk.unknown"), tier: "" };
}
