import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { phone } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { EditForm } from "./EditForm";
import { Bar, Open, queries, useWhole } from "./parts";
import { useSave } from "./save";

type Line = Schemas["Line"];

/** Numbers, and the flows that answer them. */
export function Lines() {
  const { t } = useTranslation();
  const list = useWhole<Line>(queries.lines);
  const [edited, edit] = useState<Line | "new" | null>(null);
  const remove = useSave<Line>({
    said: "removed",
    act: (line) => api.DELETE("/api/v1/lines/{number}", { params: { path: { number: line.number } } }),
  });
  // Callers would be cut off from the firm, which is why this asks.
  const ask = (line: Line) =>
    window.confirm(t("admin.line.remove_hint", { number: phone(line.number) })) && remove.mutate(line);
  const columns: Column<Line>[] = [
    {
      key: "number",
      label: t("admin.line.number"),
      cell: (l) => <Open name={phone(l.number)} open={() => edit(l)} />,
      sort: (l) => l.number,
    },
    { key: "flow", label: t("admin.line.flow"), cell: (l) => l.flow, sort: (l) => l.flow },
    {
      key: "actions",
      label: t("admin.actions"),
      cell: (l) => (
        <Button size="compact-xs" variant="default" onClick={() => ask(l)}>
          {t("admin.remove")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Bar add={() => edit("new")} />
      <Listing
        label={t("admin.tabs.lines")}
        list={list}
        columns={columns}
        rowKey={(l) => l.number}
        opens
        empty={{ title: t("admin.line.empty"), hint: t("admin.line.empty_hint") }}
      />
      {edited && <LineForm line={edited === "new" ? undefined : edited} close={() => edit(null)} />}
    </>
  );
}

function LineForm({ line, close }: { line?: Line; close: () => void }) {
  const { t } = useTranslation();
  const flows = useQuery(queries.flows).data?.items ?? [];
  const form = useForm({
    initialValues: { number: line ? phone(line.number) : "", flow: line?.flow ?? "" },
    validate: {
      number: (v) => (v.trim() ? null : t("fault.required")),
      flow: (v) => (v ? null : t("fault.required")),
    },
  });
  const save = useSave({
    form,
    done: close,
    act: ({ number, flow }: { number: string; flow: string }) =>
      api.PUT("/api/v1/lines/{number}", {
        params: { path: { number: line?.number ?? number.trim() } },
        body: { flow },
      }),
  });
  return (
    <EditForm
      title={line ? t("admin.line.title", { number: phone(line.number) }) : t("admin.line.title_new")}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <TextInput
        label={t("admin.line.number")}
        placeholder={t("admin.line.number_hint")}
        inputMode="tel"
        disabled={line !== undefined}
        required
        {...form.getInputProps("number")}
      />
      <NativeSelect
        label={t("admin.line.flow")}
        required
        data={[
          { value: "", label: "" },
          ...flows
            .filter((f) => f.kind === "flow" && f.live)
            .map((f) => ({
              value: f.name,
              label: `${f.name}（${t("admin.line.version", { version: f.live?.version })}）`,
            })),
        ]}
        {...form.getInputProps("flow")}
      />
    </EditForm>
  );
}
