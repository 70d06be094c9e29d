import { Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { named } from "../../i18n";
import { dateTime } from "../../lib/format";
import { EditForm } from "../admin/EditForm";
import { Bar, useWhole } from "../admin/parts";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { type Names, useNames } from "../shared/lists";
import { useFilters } from "../shared/search";
import { useKeep } from "./save";

type Hold = Schemas["LegalHold"];

/** What a hold covers, in words. */
function queryText(h: Hold, t: TFunction, names: Names, lang: string): string {
  const q = h.query;
  return [
    q.queue && names.queue(q.queue),
    q.agent && names.agent(q.agent),
    q.outcome && names.disposition(q.outcome),
    q.customer && t("keeping.hold.parts.customer", { value: q.customer }),
    q.calls?.length && t("keeping.hold.parts.calls", { count: q.calls.length }),
    q.from && t("keeping.hold.parts.from", { value: dateTime(q.from, lang) }),
    q.to && t("keeping.hold.parts.to", { value: dateTime(q.to, lang) }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Legal holds: what may not be thrown away, and why. */
export function Holds() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const names = useNames();
  const all = filters.all === "true";
  const list = useWhole<Hold>({
    queryKey: ["keeping", "holds", String(all)],
    queryFn: () => got(api.GET("/api/v1/legal-holds", { params: { query: { released: all } } })),
  });
  const [placing, place] = useState(false);
  const [releasing, release] = useState<Hold | null>(null);
  const at = (time: string) => dateTime(time, i18n.language);
  const columns: Column<Hold>[] = [
    { key: "reason", label: t("keeping.hold.reason"), cell: (h) => h.reason },
    { key: "query", label: t("keeping.hold.query"), cell: (h) => queryText(h, t, names, i18n.language) },
    {
      key: "recordings",
      label: t("keeping.hold.recordings"),
      figure: true,
      cell: (h) => h.recordings.toLocaleString(i18n.language),
    },
    { key: "owner", label: t("keeping.hold.owner"), cell: (h) => h.owner_name || h.owner_id },
    { key: "placed", label: t("keeping.hold.placed"), cell: (h) => at(h.placed_at) },
    {
      key: "state",
      label: t("keeping.hold.state"),
      cell: (h) =>
        h.released_at ? (
          t("keeping.hold.released", { at: at(h.released_at), name: h.released_by, reason: h.release_reason })
        ) : (
          <Group gap="xs" wrap="nowrap">
            <Text size="sm">{t("keeping.hold.standing")}</Text>
            <Button size="compact-xs" variant="default" onClick={() => release(h)}>
              {t("keeping.hold.release")}
            </Button>
          </Group>
        ),
    },
  ];
  return (
    <>
      <Bar>
        <Button size="xs" onClick={() => place(true)}>
          {t("keeping.hold.place")}
        </Button>
        <Checkbox
          mb={6}
          label={<Text size="sm">{t("keeping.hold.all")}</Text>}
          checked={all}
          onChange={(e) => set({ all: e.currentTarget.checked ? "true" : undefined })}
        />
      </Bar>
      <Listing
        label={t("keeping.tabs.holds")}
        list={list}
        columns={columns}
        rowKey={(h) => String(h.id)}
        empty={{ title: t("keeping.hold.empty"), hint: t("keeping.hold.empty_hint") }}
      />
      {placing && <HoldForm close={() => place(false)} />}
      {releasing && <ReleaseForm hold={releasing} close={() => release(null)} />}
    </>
  );
}

const blank = { reason: "", queue: "", agent: "", outcome: "", customer: "", calls: "", from: "", to: "" };

/** A day of a form as the moment when it begins here. */
const moment = (day: string) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined);

function HoldForm({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { data } = useNames();
  const form = useForm({
    initialValues: blank,
    validate: {
      reason: (v, all) => {
        if (!v.trim()) return t("fault.required");
        const { reason: _, ...query } = all;
        return Object.values(query).some((q) => q.trim()) ? null : t("keeping.hold.nothing");
      },
    },
  });
  const save = useKeep(
    (v: typeof blank) =>
      got(
        api.POST("/api/v1/legal-holds", {
          body: {
            reason: v.reason,
            query: {
              queue: v.queue || undefined,
              agent: v.agent || undefined,
              outcome: v.outcome || undefined,
              customer: Number(v.customer) || undefined,
              calls: v.calls.trim() ? v.calls.trim().split(/\s+/) : undefined,
              from: moment(v.from),
              to: moment(v.to),
            },
          },
        }),
      ),
    close,
  );
  const pick = (name: "queue" | "agent" | "outcome", label: string, choices: { value: string; label: string }[]) => (
    <Select
      label={label}
      data={choices}
      searchable
      clearable
      placeholder={t("filter.all")}
      value={form.values[name] || null}
      onChange={(v) => form.setFieldValue(name, v ?? "")}
    />
  );
  return (
    <EditForm title={t("keeping.hold.place")} form={form} close={close} save={save.mutate} busy={save.isPending}>
      <TextInput label={t("keeping.hold.reason")} required data-autofocus {...form.getInputProps("reason")} />
      <Text size="sm" c="dimmed">
        {t("keeping.hold.hint")}
      </Text>
      {pick(
        "queue",
        t("filter.queue"),
        (data?.queues ?? []).map((q) => ({ value: q.id, label: named(q) })),
      )}
      {pick(
        "agent",
        t("filter.agent"),
        (data?.agents ?? []).map((a) => ({ value: a.id, label: a.name })),
      )}
      {pick(
        "outcome",
        t("filter.disposition"),
        (data?.dispositions ?? []).map((d) => ({ value: d.code, label: named(d) })),
      )}
      <TextInput label={t("keeping.hold.customer")} inputMode="numeric" {...form.getInputProps("customer")} />
      <TextInput label={t("keeping.hold.calls")} {...form.getInputProps("calls")} />
      <TextInput type="date" label={t("filter.from")} {...form.getInputProps("from")} />
      <TextInput type="date" label={t("filter.to")} {...form.getInputProps("to")} />
    </EditForm>
  );
}

function ReleaseForm({ hold, close }: { hold: Hold; close: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const save = useKeep(
    () =>
      got(api.POST("/api/v1/legal-holds/{hold}/release", { params: { path: { hold: hold.id } }, body: { reason } })),
    close,
  );
  return (
    <Modal opened onClose={close} title={t("keeping.hold.release_title", { reason: hold.reason })}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (reason.trim()) save.mutate(undefined);
        }}
      >
        <Stack>
          <Text size="sm">{t("keeping.hold.release_hint")}</Text>
          <TextInput
            label={t("keeping.hold.release_reason")}
            required
            data-autofocus
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("admin.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!reason.trim()}>
              {t("keeping.hold.release")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
