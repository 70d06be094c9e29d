import { Button, Group, Select, TextInput } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n";
import { useNames } from "./lists";
import { type Period, periodOf, periods } from "./period";
import type { Filters } from "./search";

type Choice = { value: string; label: string };
type Set = (patch: Filters) => void;

/** One choice of a filter; nothing chosen means all. */
export function Pick(props: {
  name: string;
  label: string;
  choices: Choice[];
  filters: Filters;
  set: Set;
  width?: number;
}) {
  const { t } = useTranslation();
  return (
    <Select
      size="xs"
      flex="1 1 112px"
      miw={112}
      maw={props.width ?? 180}
      label={props.label}
      placeholder={t("filter.all")}
      data={props.choices}
      value={props.filters[props.name] ?? null}
      onChange={(value) => props.set({ [props.name]: value ?? undefined })}
      clearable
      searchable={props.choices.length > 7}
      nothingFoundMessage={t("filter.none")}
      clearButtonProps={{ "aria-label": t("filter.clear_one", { name: props.label }) }}
    />
  );
}

export function PeriodPick({ filters, set, usual }: { filters: Filters; set: Set; usual: Period }) {
  const { t } = useTranslation();
  const period = periodOf(filters.period, usual);
  const day = (name: "from" | "to") => (
    <TextInput
      size="xs"
      type="date"
      label={t(`filter.${name}`)}
      value={filters[name] ?? ""}
      onChange={(e) => set({ [name]: e.currentTarget.value || undefined })}
    />
  );
  return (
    <>
      <Select
        size="xs"
        w={132}
        label={t("filter.period")}
        data={periods.map((p) => ({ value: p, label: t(`filter.periods.${p}`) }))}
        value={period}
        allowDeselect={false}
        onChange={(p) => set({ period: p === usual ? undefined : (p ?? undefined), from: undefined, to: undefined })}
      />
      {period === "custom" && day("from")}
      {period === "custom" && day("to")}
    </>
  );
}

export function QueuePick({ filters, set }: { filters: Filters; set: Set }) {
  const { t } = useTranslation();
  const { data } = useNames();
  const choices = (data?.queues ?? []).map((q) => ({ value: q.id, label: named(q) }));
  return <Pick name="queue" label={t("filter.queue")} choices={choices} filters={filters} set={set} />;
}

export function AgentPick({ filters, set }: { filters: Filters; set: Set }) {
  const { t } = useTranslation();
  const { data } = useNames();
  const choices = (data?.agents ?? []).map((a) => ({ value: a.id, label: a.name }));
  return <Pick name="agent" label={t("filter.agent")} choices={choices} filters={filters} set={set} />;
}

export function DispositionPick({ filters, set }: { filters: Filters; set: Set }) {
  const { t } = useTranslation();
  const { data } = useNames();
  const choices = (data?.dispositions ?? []).map((d) => ({ value: d.code, label: named(d) }));
  return <Pick name="disposition" label={t("filter.disposition")} choices={choices} filters={filters} set={set} />;
}

/** The filters of a list in a row, and how to be rid of them all. */
export function FilterBar({ filters, set, children }: { filters: Filters; set: Set; children: ReactNode }) {
  const { t } = useTranslation();
  const { wall: _, tab: __, by: ___, ...chosen } = filters;
  const any = Object.keys(chosen).length > 0;
  return (
    <Group component="search" gap="xs" mb="md" align="flex-end" aria-label={t("filter.label")}>
      {children}
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        disabled={!any}
        leftSection={<IconFilterOff size={14} aria-hidden />}
        onClick={() => set(Object.fromEntries(Object.keys(chosen).map((k) => [k, undefined])))}
      >
        {t("filter.clear")}
      </Button>
    </Group>
  );
}
