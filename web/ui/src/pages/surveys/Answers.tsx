import { Anchor, Group, Switch, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { dateTime } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { useList, useNames } from "../shared/lists";

type Answer = Schemas["SurveyResponse"];
type Query = {
  from?: string;
  to?: string;
  survey?: string;
  queue?: string;
  agent?: string;
  way?: "phone" | "link" | "outbound";
};

/** Answers up to this are those of callers who should hear from somebody. */
const bad = 2;

/** What callers answered, the newest first, each leading to its call where there was one. */
export function Answers({ query }: { query: Query }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const [onlyBad, setOnlyBad] = useState(false);
  const asked = { ...query, max_satisfaction: onlyBad ? bad : undefined };
  const list = useList<Answer>(["surveys", "answers", asked], (after) =>
    got(api.GET("/api/v1/surveys/answers", { params: { query: { ...asked, after } } })),
  );
  const columns: Column<Answer>[] = [
    {
      key: "at",
      label: t("surveys.at"),
      cell: (a) => <When at={dateTime(a.at, i18n.language)} call={a.call_id} />,
    },
    { key: "sat", label: t("surveys.satisfaction"), figure: true, cell: (a) => a.satisfaction ?? "–" },
    { key: "nps", label: t("surveys.recommendation"), figure: true, cell: (a) => a.recommendation ?? "–" },
    { key: "queue", label: t("filter.queue"), cell: (a) => names.queue(a.queue_id) || "–" },
    { key: "agent", label: t("filter.agent"), cell: (a) => a.agent_name || "–" },
    { key: "customer", label: t("calls.customer"), cell: (a) => a.customer_name || "–" },
    { key: "disposition", label: t("filter.disposition"), cell: (a) => names.disposition(a.disposition) || "–" },
    { key: "way", label: t("surveys.way_label"), cell: (a) => t(`surveys.way.${a.way}`, { defaultValue: a.way }) },
    {
      key: "occasion",
      label: t("surveys.by.occasion"),
      cell: (a) =>
        a.campaign
          ? `${t("surveys.by.campaign")} ${a.campaign_name || a.campaign}`
          : a.occasion
            ? t(`surveys.occasion.${a.occasion}`)
            : "–",
    },
  ];
  return (
    <section aria-label={t("surveys.recent")}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("surveys.recent")}
        </Title>
        <Switch
          size="sm"
          label={t("surveys.only_bad", { bad })}
          checked={onlyBad}
          onChange={(e) => setOnlyBad(e.currentTarget.checked)}
        />
      </Group>
      <Listing
        label={t("surveys.recent")}
        list={list}
        columns={columns}
        rowKey={(a) => a.id}
        opens
        empty={{ title: t("surveys.recent_empty"), hint: t("surveys.recent_empty_hint") }}
      />
    </section>
  );
}

/** Answers to links of campaigns follow no call. */
function When({ at, call }: { at: string; call: string }) {
  if (!call) return at;
  return (
    <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: call }} {...p} />}>
      {at}
    </Anchor>
  );
}
