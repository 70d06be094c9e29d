import { Anchor, Button, Checkbox, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { dateTime, duration } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { FilterBar, Pick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { useList, useNames } from "../shared/lists";
import { useFilters } from "../shared/search";
import { useKeep } from "./save";

type Alarm = Schemas["RecordingAlarm"];

const kinds = ["missing", "short", "silent", "hash"] as const;
const refresh = 30_000;

/** The sentence of an alarm, with its figures. */
export function alarmText(a: Pick<Alarm, "kind" | "detail">, t: TFunction): string {
  const d = a.detail;
  const time = (ms = 0) => duration(ms / 1000);
  const reason = d.reason ? t(`keeping.alarm.text.${d.reason}`, { note: d.note }) : "";
  if (a.kind === "short") {
    return t("keeping.alarm.text.short", { talk: time(d.talk_ms), lack: time(d.lack_ms), bound: time(d.bound_ms) });
  }
  if (a.kind === "silent") return `${t(`keeping.alarm.text.silent.${d.side}`)} (${reason})`;
  return reason;
}

/** What is wrong with recordings that are owed. */
export function Alarms() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const names = useNames();
  const kind = kinds.find((k) => k === filters.kind);
  const open = filters.all !== "true";
  const list = useList<Alarm>(
    ["keeping", "alarms", open, kind],
    (after) => got(api.GET("/api/v1/recording-alarms", { params: { query: { open, kind, after } } })),
    refresh,
  );
  const see = useKeep((a: Alarm) =>
    got(api.POST("/api/v1/recording-alarms/{alarm}/seen", { params: { path: { alarm: a.id } } })),
  );
  const at = (time: string | null) => (time ? dateTime(time, i18n.language) : "–");
  const columns: Column<Alarm>[] = [
    { key: "raised", label: t("keeping.alarm.raised"), cell: (a) => at(a.raised_at) },
    { key: "kind", label: t("keeping.alarm.kind"), cell: (a) => t(`keeping.alarm.kinds.${a.kind}`) },
    { key: "what", label: t("keeping.alarm.what"), cell: (a) => alarmText(a, t) },
    {
      key: "call",
      label: t("keeping.alarm.call"),
      cell: (a) =>
        a.started_at ? (
          <Anchor size="sm" renderRoot={(p) => <Link to="/recordings/$leg" params={{ leg: a.leg }} {...p} />}>
            {at(a.started_at)}
          </Anchor>
        ) : (
          a.leg
        ),
    },
    { key: "agent", label: t("filter.agent"), cell: (a) => a.agent_name || "–" },
    { key: "queue", label: t("filter.queue"), cell: (a) => names.queue(a.queue_id) || "–" },
    {
      key: "state",
      label: t("keeping.hold.state"),
      cell: (a) => {
        if (a.cleared_at) return t("keeping.alarm.cleared", { at: at(a.cleared_at) });
        if (a.seen_at) return t("keeping.alarm.seen", { name: a.seen_by_name, at: at(a.seen_at) });
        return (
          <Button size="compact-xs" variant="default" loading={see.isPending} onClick={() => see.mutate(a)}>
            {t("keeping.alarm.see")}
          </Button>
        );
      },
    },
  ];
  return (
    <>
      <FilterBar filters={filters} set={set}>
        <Pick
          name="kind"
          label={t("keeping.alarm.kind")}
          choices={kinds.map((k) => ({ value: k, label: t(`keeping.alarm.kinds.${k}`) }))}
          filters={filters}
          set={set}
        />
        <Checkbox
          mb={6}
          label={<Text size="sm">{t("keeping.alarm.all")}</Text>}
          checked={!open}
          onChange={(e) => set({ all: e.currentTarget.checked ? "true" : undefined })}
        />
      </FilterBar>
      <Listing
        label={t("keeping.tabs.alarms")}
        list={list}
        columns={columns}
        rowKey={(a) => String(a.id)}
        empty={{ title: t("keeping.alarm.empty"), hint: t("keeping.alarm.empty_hint") }}
      />
    </>
  );
}
