import { queryOptions, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { language } from "../../i18n";

export type Rule = Schemas["BookRule"];

export const rulesQuery = queryOptions({
  queryKey: ["rules", "live"],
  queryFn: () => got(api.GET("/api/v1/rules")),
  staleTime: 60_000,
});

/** What a rule is called: by its name in the book, by the phrase that it looks for, or by its kind. */
export function ruleName(r: Pick<Rule, "id" | "name" | "phrases" | "kind">, t: TFunction): string {
  const name = r.name?.[language()] || r.name?.["zh-TW"] || r.name?.en;
  if (name) return name;
  return r.phrases?.[0] ? `「${r.phrases[0]}」` : t(`rules.kind_name.${r.kind}`, { defaultValue: r.id });
}

/** Names of the live book's rules by their ids; one that is not in the book any more keeps its id. */
export function useRuleNames() {
  const { t } = useTranslation();
  const { data } = useQuery(rulesQuery);
  const rules = data?.rules ?? [];
  return {
    rules,
    name: (id: string) => {
      const r = rules.find((x) => x.id === id);
      return r ? ruleName(r, t) : id;
    },
  };
}
