import { Anchor, Button, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { count, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { useFilters } from "../shared/search";
import { BlockedList } from "./Blocked";
import { type Campaign, campaignsQuery, rate } from "./campaigns";
import { CampaignForm } from "./Form";
import { StateBadge } from "./State";
import "./campaigns.css";

const tabs = ["list", "blocked"] as const;

/** Survey campaigns and what came of them, and the numbers that none of them calls. */
export default function CampaignsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [filters, set] = useFilters();
  const [adding, add] = useState(false);
  const tab = tabs.find((name) => name === filters.tab) ?? "list";
  const addButton = (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => add(true)}
      data-testid="campaign-add"
    >
      {t("campaigns.add")}
    </Button>
  );
  return (
    <>
      <PageTitle titleKey="campaigns.title">{tab === "list" && addButton}</PageTitle>
      <Tabs value={tab} onChange={(name) => set({ tab: name ?? undefined })} keepMounted={false}>
        <Tabs.List mb="md" aria-label={t("campaigns.title")}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`campaigns.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="list">
          <CampaignTable add={addButton} />
        </Tabs.Panel>
        <Tabs.Panel value="blocked">
          <BlockedList />
        </Tabs.Panel>
      </Tabs>
      {adding && (
        <CampaignForm
          close={() => add(false)}
          saved={(c) => void navigate({ to: "/campaigns/$id", params: { id: c.id } })}
        />
      )}
    </>
  );
}

function CampaignTable({ add }: { add: React.ReactNode }) {
  const { t } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(campaignsQuery);
  if (isPending) return <Loading />;
  if (error && !data) return <Broken error={error} retry={() => void refetch()} />;
  const rows = data?.items ?? [];
  if (rows.length === 0) return <Empty title={t("campaigns.empty")} hint={t("campaigns.empty_hint")} action={add} />;
  const label = (key: string) => t(`campaigns.col.${key}`);
  const defined = (key: string) => <Definition text={t(`campaigns.col_hint.${key}`)}>{label(key)}</Definition>;
  const words = (text: string) => <span className="campaign-words">{text}</span>;
  const columns: Column<Campaign>[] = [
    {
      key: "name",
      label: label("name"),
      cell: (c) => (
        <Anchor size="sm" renderRoot={(p) => <Link to="/campaigns/$id" params={{ id: c.id }} {...p} />}>
          {c.name}
        </Anchor>
      ),
    },
    { key: "state", label: label("state"), cell: (c) => <StateBadge state={c.state} /> },
    { key: "way", label: label("way"), cell: (c) => t(`campaigns.way.${c.way}`) },
    { key: "audience", label: label("audience"), cell: (c) => words(c.audience) },
    { key: "period", label: label("period"), cell: (c) => `${c.from} – ${c.to}` },
    { key: "reached", label: defined("reached"), cell: (c) => count(c.reached), figure: true },
    { key: "answered", label: defined("answered"), cell: (c) => count(c.answered), figure: true },
    { key: "rate", label: defined("rate"), cell: (c) => percent(rate(c), 1) || "–", figure: true },
    { key: "list_rule", label: label("list_rule"), cell: (c) => words(c.list_rule) },
  ];
  return <DataTable label={t("campaigns.title")} columns={columns} rows={rows} rowKey={(c) => c.id} opens />;
}
