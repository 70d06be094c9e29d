import { NumberInput, Stack, Switch, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { named } from "../../i18n";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { EditForm } from "./EditForm";
import { ActiveSign, Bar, Open, queries, useWhole } from "./parts";
import { useSave } from "./save";

type Label = Schemas["Label"];
type Kind = "reasons" | "dispositions";

/** What agents choose from: why they are not ready, and what a call was about. */
export function Codes() {
  return (
    <Stack gap="xl">
      <CodeList kind="reasons" />
      <CodeList kind="dispositions" />
    </Stack>
  );
}

function CodeList({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const list = useWhole<Label>(queries[kind]);
  const [edited, edit] = useState<Label | "new" | null>(null);
  const columns: Column<Label>[] = [
    { key: "name", label: t("admin.code.label_zh"), cell: (l) => <Open name={l.label_zh} open={() => edit(l)} /> },
    { key: "en", label: t("admin.code.label_en"), cell: (l) => l.label_en },
    { key: "code", label: t("admin.code.code"), cell: (l) => l.code },
    { key: "order", label: t("admin.order"), figure: true, cell: (l) => l.position },
    { key: "active", label: t("admin.user.state"), cell: (l) => <ActiveSign active={l.active} /> },
  ];
  const title = t(`admin.code.${kind}`);
  return (
    <section aria-label={title}>
      <Bar add={() => edit("new")}>
        <Title order={2} size="h5">
          {title}
        </Title>
      </Bar>
      <Listing
        label={title}
        list={list}
        columns={columns}
        rowKey={(l) => l.code}
        opens
        rowClass={(l) => (l.active ? undefined : "off")}
        empty={{ title: t("admin.code.empty"), hint: t("admin.code.empty_hint") }}
      />
      {edited && <CodeForm kind={kind} label={edited === "new" ? undefined : edited} close={() => edit(null)} />}
    </section>
  );
}

function CodeForm({ kind, label, close }: { kind: Kind; label?: Label; close: () => void }) {
  const { t } = useTranslation();
  const required = (v: string) => (v.trim() ? null : t("fault.required"));
  const form = useForm({
    initialValues: {
      code: label?.code ?? "",
      label_zh: label?.label_zh ?? "",
      label_en: label?.label_en ?? "",
      position: label?.position ?? 100,
      active: label?.active ?? true,
    },
    validate: { code: required, label_zh: required, label_en: required },
  });
  const save = useSave({
    form,
    done: close,
    act: ({ code, ...body }: typeof form.values) => {
      const request = { params: { path: { code } }, body: { ...body, position: body.position || 0 } };
      return kind === "reasons"
        ? api.PUT("/api/v1/reasons/{code}", request)
        : api.PUT("/api/v1/dispositions/{code}", request);
    },
  });
  const words = { kind: t(`admin.code.${kind}`), name: named(label) };
  return (
    <EditForm
      title={t(label ? "admin.code.title" : "admin.code.title_new", words)}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <TextInput
        label={t("admin.code.code")}
        description={label ? undefined : t("admin.code.code_hint")}
        disabled={label !== undefined}
        required
        {...form.getInputProps("code")}
      />
      <TextInput label={t("admin.code.label_zh")} required {...form.getInputProps("label_zh")} />
      <TextInput label={t("admin.code.label_en")} required {...form.getInputProps("label_en")} />
      <NumberInput
        label={t("admin.order")}
        min={0}
        max={10000}
        allowDecimal={false}
        {...form.getInputProps("position")}
      />
      <Switch label={t("admin.active")} {...form.getInputProps("active", { type: "checkbox" })} />
    </EditForm>
  );
}
