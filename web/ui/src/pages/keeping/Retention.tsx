import { NumberInput, Select, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { named } from "../../i18n";
import { EditForm } from "../admin/EditForm";
import { Bar, Open } from "../admin/parts";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { useNames } from "../shared/lists";
import { useKeep } from "./save";

type Rule = Schemas["Rule"];

/** How long recordings are kept, by queue and outcome. */
export function Retention() {
  const { t } = useTranslation();
  const names = useNames();
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ["keeping", "retention"],
    queryFn: () => got(api.GET("/api/v1/retention")),
  });
  const [edited, edit] = useState<Rule | "new" | null>(null);
  const queue = (r: Rule) => (r.queue ? names.queue(r.queue) : t("keeping.retention.every_queue"));
  const outcome = (r: Rule) => (r.outcome ? names.disposition(r.outcome) : t("keeping.retention.every_outcome"));
  const columns: Column<Rule>[] = [
    {
      key: "queue",
      label: t("filter.queue"),
      cell: (r) => <Open name={queue(r)} open={() => edit(r)} />,
      sort: queue,
    },
    { key: "outcome", label: t("filter.disposition"), cell: outcome, sort: outcome },
    { key: "days", label: t("keeping.retention.days"), figure: true, cell: (r) => r.days, sort: (r) => r.days },
  ];
  const list = {
    rows: data?.rules ?? [],
    loading: isPending,
    stale: false,
    error,
    retry: (): void => void refetch(),
    more: false,
    loadingMore: false,
    readMore: (): void => {},
  };
  return (
    <>
      <Bar add={() => edit("new")}>
        <Text size="sm">
          {data?.keep_days ? t("keeping.retention.rest", { count: data.keep_days }) : t("keeping.retention.forever")}
        </Text>
      </Bar>
      <Listing
        label={t("keeping.tabs.retention")}
        list={list}
        columns={columns}
        rowKey={(r) => `${r.queue} ${r.outcome}`}
        opens
        empty={{ title: t("keeping.retention.empty"), hint: t("keeping.retention.empty_hint") }}
      />
      {edited && <RuleForm rule={edited === "new" ? undefined : edited} close={() => edit(null)} />}
    </>
  );
}

function RuleForm({ rule, close }: { rule?: Rule; close: () => void }) {
  const { t } = useTranslation();
  const { data } = useNames();
  const form = useForm({
    initialValues: { queue: rule?.queue ?? "", outcome: rule?.outcome ?? "", days: rule?.days ?? 365 },
  });
  const save = useKeep((body: Rule) => got(api.PUT("/api/v1/retention", { body })), close);
  const pick = (name: "queue" | "outcome", label: string, all: string, choices: { value: string; label: string }[]) => (
    <Select
      label={label}
      data={choices}
      searchable
      clearable
      placeholder={all}
      disabled={rule !== undefined}
      value={form.values[name] || null}
      onChange={(v) => form.setFieldValue(name, v ?? "")}
    />
  );
  return (
    <EditForm
      title={t(rule ? "keeping.retention.edit" : "keeping.retention.add")}
      form={form}
      close={close}
      save={save.mutate}
      busy={save.isPending}
    >
      <Text size="sm" c="dimmed">
        {t("keeping.retention.order")}
      </Text>
      {pick(
        "queue",
        t("filter.queue"),
        t("keeping.retention.every_queue"),
        (data?.queues ?? []).map((q) => ({ value: q.id, label: named(q) })),
      )}
      {pick(
        "outcome",
        t("filter.disposition"),
        t("keeping.retention.every_outcome"),
        (data?.dispositions ?? []).map((d) => ({ value: d.code, label: named(d) })),
      )}
      <NumberInput
        label={t("keeping.retention.days")}
        description={rule ? t("keeping.retention.days_hint") : undefined}
        min={rule ? 0 : 1}
        max={36500}
        allowDecimal={false}
        {...form.getInputProps("days")}
      />
    </EditForm>
  );
}
