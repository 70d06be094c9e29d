import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { dateTime, duration, phone } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { AgentPick, DispositionPick, FilterBar, PeriodPick, Pick, QueuePick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { type Names, useList, useNames } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { audible, RecordingState, states } from "./State";

type Recording = Schemas["Recording"];

export default function RecordingsPage() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const [filters, set] = useFilters();
  const { queue, agent, disposition } = filters;
  const state = states.find((s) => s === filters.state);
  const query = { ...rangeOf(filters, "week", Date.now()), queue, agent, disposition, state };
  const list = useList<Recording>(["recordings", query], (after) =>
    got(api.GET("/api/v1/recordings", { params: { query: { ...query, after } } })),
  );
  const names = useNames();
  return (
    <>
      <PageTitle titleKey="nav.recordings">
        {(["alarms", "holds", "site"] as const).some((r) => can(me, r)) && (
          <Anchor size="sm" renderRoot={(p) => <Link to="/recordings/keeping" {...p} />}>
            {t("keeping.title")}
          </Anchor>
        )}
      </PageTitle>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="week" />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
        <DispositionPick filters={filters} set={set} />
        <Pick
          name="state"
          label={t("recordings.state_label")}
          choices={states.map((s) => ({ value: s, label: t(`recordings.state.${s}`) }))}
          filters={filters}
          set={set}
        />
      </FilterBar>
      <Listing
        label={t("nav.recordings")}
        list={list}
        columns={columns(t, i18n.language, names)}
        rowKey={(r) => r.leg}
        opens
        empty={{ title: t("recordings.empty.title"), hint: t("recordings.empty.hint") }}
      />
    </>
  );
}

function columns(t: (key: string) => string, lang: string, names: Names): Column<Recording>[] {
  return [
    {
      key: "started",
      label: t("recordings.started"),
      cell: (r) => (
        <Anchor size="sm" renderRoot={(p) => <Link to="/recordings/$leg" params={{ leg: r.leg }} {...p} />}>
          {dateTime(r.started_at, lang)}
        </Anchor>
      ),
    },
    {
      key: "length",
      label: t("recordings.length"),
      figure: true,
      cell: (r) => (audible(r.state) ? duration(r.duration_ms / 1000) : "–"),
    },
    { key: "agent", label: t("filter.agent"), cell: (r) => r.agent_name },
    { key: "caller", label: t("calls.caller"), cell: (r) => phone(r.caller) || "–" },
    { key: "customer", label: t("calls.customer"), cell: (r) => r.customer_name || "–" },
    { key: "queue", label: t("filter.queue"), cell: (r) => names.queue(r.queue_id) || "–" },
    { key: "disposition", label: t("filter.disposition"), cell: (r) => names.disposition(r.disposition) || "–" },
    { key: "sat", label: t("surveys.satisfaction"), figure: true, cell: (r) => r.answers?.satisfaction ?? "–" },
    { key: "nps", label: t("surveys.recommendation"), figure: true, cell: (r) => r.answers?.recommendation ?? "–" },
    { key: "state", label: t("recordings.state_label"), cell: (r) => <RecordingState state={r.state} /> },
  ];
}
