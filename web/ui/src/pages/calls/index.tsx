import { Anchor, Switch, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconMicrophone2, IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { dateTime, duration, phone } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { AgentPick, DispositionPick, FilterBar, PeriodPick, Pick, QueuePick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { type Names, useList, useNames } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { type Filters, useFilters } from "../shared/search";
import { Outcome, outcomes } from "./Outcome";

type Call = Schemas["Call"];

const liveRefresh = 5000;

function useCalls(filters: Filters) {
  const { queue, agent, outcome, disposition, q, live } = filters;
  // Whoever looks for one number or call wants it whenever it was.
  const period = q && !filters.period ? {} : rangeOf(filters, "week", Date.now());
  const query = { ...period, queue, agent, outcome, disposition, q, live: live === "true" ? true : undefined };
  return useList<Call>(
    ["calls", query],
    (after) => got(api.GET("/api/v1/calls", { params: { query: { ...query, after } } })),
    query.live ? liveRefresh : 0,
  );
}

export default function CallsPage() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const list = useCalls(filters);
  const names = useNames();
  const searched = filters.q ? "search" : filters.live === "true" ? "live" : "filter";
  return (
    <>
      <PageTitle titleKey="nav.calls" />
      <CallFilters filters={filters} set={set} />
      <Listing
        label={t("nav.calls")}
        list={list}
        columns={columns(t, i18n.language, names)}
        rowKey={(c) => c.id}
        opens
        empty={{ title: t("calls.empty.title"), hint: t(`calls.empty.${searched}`) }}
      />
    </>
  );
}

function CallFilters({ filters, set }: { filters: Filters; set: (patch: Filters) => void }) {
  const { t } = useTranslation();
  return (
    <FilterBar filters={filters} set={set}>
      <Search key={filters.q ?? ""} value={filters.q ?? ""} set={(q) => set({ q: q || undefined })} />
      <PeriodPick filters={filters} set={set} usual="week" />
      <QueuePick filters={filters} set={set} />
      <AgentPick filters={filters} set={set} />
      <Pick
        name="outcome"
        label={t("calls.outcome_label")}
        choices={outcomes.map((o) => ({ value: o, label: t(`calls.outcome.${o}`) }))}
        filters={filters}
        set={set}
      />
      <DispositionPick filters={filters} set={set} />
      <Switch
        size="sm"
        mb={6}
        label={t("calls.live_only")}
        checked={filters.live === "true"}
        onChange={(e) => set({ live: e.currentTarget.checked ? "true" : undefined })}
      />
    </FilterBar>
  );
}

/** Searches when Enter is pressed, or nothing more was typed for a while. */
function Search({ value, set }: { value: string; set: (q: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const later = useDebouncedCallback((q: string) => set(q.trim()), 600);
  return (
    <TextInput
      size="xs"
      flex="2 1 160px"
      miw={160}
      maw={260}
      type="search"
      label={t("calls.search")}
      placeholder={t("calls.search_hint")}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      autoFocus={value !== ""}
      onChange={(e) => {
        setText(e.currentTarget.value);
        later(e.currentTarget.value);
      }}
      onKeyDown={(e) => e.key === "Enter" && set(text.trim())}
    />
  );
}

function columns(t: (key: string) => string, lang: string, names: Names): Column<Call>[] {
  return [
    {
      key: "arrived",
      label: t("calls.arrived"),
      cell: (c) => (
        <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: c.id }} {...p} />}>
          {dateTime(c.arrived_at, lang)}
        </Anchor>
      ),
    },
    { key: "caller", label: t("calls.caller"), cell: (c) => (c.anonymous ? t("calls.withheld") : phone(c.caller)) },
    { key: "customer", label: t("calls.customer"), cell: (c) => c.customer_name || "–" },
    {
      key: "queue",
      label: t("filter.queue"),
      cell: (c) => names.queue(c.queue_id) || (c.campaign ? `${t("calls.made")} ${c.campaign}` : "–"),
    },
    { key: "agent", label: t("filter.agent"), cell: (c) => c.agent_name || "–" },
    { key: "wait", label: t("calls.wait"), figure: true, cell: (c) => duration(c.wait_s) || "–" },
    { key: "talk", label: t("calls.talk"), figure: true, cell: (c) => duration(c.talk_s) || "–" },
    { key: "outcome", label: t("calls.outcome_label"), cell: (c) => <Outcome outcome={c.outcome} /> },
    { key: "disposition", label: t("filter.disposition"), cell: (c) => names.disposition(c.disposition) || "–" },
    {
      key: "satisfaction",
      label: t("surveys.satisfaction"),
      figure: true,
      cell: (c) => c.answers?.satisfaction ?? "–",
    },
    {
      key: "recording",
      label: t("calls.recording"),
      cell: (c) =>
        c.has_recording ? <IconMicrophone2 size={16} role="img" aria-label={t("calls.has_recording")} /> : "–",
    },
  ];
}
