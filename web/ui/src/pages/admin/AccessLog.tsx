import { Badge, Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { dateTime } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { FilterBar, PeriodPick, Pick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { useList, useNames } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";

type Entry = Schemas["AccessEntry"];

const actions = [
  "sign_in",
  "sign_in_failed",
  "sign_out",
  "play_recording",
  "download_recording",
  "see_recording",
  "read_transcript",
  "search_transcripts",
  "read_examples",
  "see_trends",
  "reveal_customer",
  "pop_customer",
  "change",
];

/** Who saw or changed what. */
export function AccessLog() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const people = useNames().data?.agents ?? [];
  const query = {
    ...rangeOf(filters, "week", Date.now()),
    user: filters.user,
    action: filters.action,
    denied: filters.denied === "true" || undefined,
  };
  const list = useList<Entry>(["admin", "log", query], (after) =>
    got(api.GET("/api/v1/access-log", { params: { query: { ...query, after } } })),
  );
  const columns: Column<Entry>[] = [
    { key: "at", label: t("admin.log.at"), cell: (e) => dateTime(e.at, i18n.language) },
    { key: "user", label: t("admin.log.user"), cell: (e) => e.user_name || e.user_id || t("admin.log.nobody") },
    {
      key: "action",
      label: t("admin.log.action"),
      cell: (e) => (
        <>
          {t(`admin.log.actions.${e.action}`, { defaultValue: e.action })}{" "}
          {e.denied && (
            <Badge size="sm" color="red" variant="light">
              {t("admin.log.denied")}
            </Badge>
          )}
        </>
      ),
    },
    { key: "object", label: t("admin.log.object"), cell: (e) => e.object || "–" },
    { key: "address", label: t("admin.log.address"), cell: (e) => e.address || "–" },
    { key: "detail", label: t("admin.log.detail"), cell: (e) => <Detail of={e.detail} /> },
  ];
  return (
    <>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="week" />
        <Pick
          name="user"
          label={t("admin.log.user")}
          choices={people.map((p) => ({ value: p.id, label: p.name }))}
          filters={filters}
          set={set}
        />
        <Pick
          name="action"
          label={t("admin.log.action")}
          choices={actions.map((a) => ({ value: a, label: t(`admin.log.actions.${a}`) }))}
          filters={filters}
          set={set}
          width={200}
        />
        <Checkbox
          label={t("admin.log.only_denied")}
          checked={filters.denied === "true"}
          onChange={(e) => set({ denied: e.currentTarget.checked ? "true" : undefined })}
        />
      </FilterBar>
      <Listing
        label={t("admin.tabs.access_log")}
        list={list}
        columns={columns}
        rowKey={(e) => String(e.id)}
        empty={{ title: t("admin.log.empty"), hint: t("admin.log.empty_hint") }}
      />
    </>
  );
}

function Detail({ of }: { of: Entry["detail"] }) {
  const text = Object.entries(of ?? {})
    .map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
  return (
    <span className="clip" title={text}>
      {text || "–"}
    </span>
  );
}
