import { Anchor, Button, Group, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { useSheet, useValueName, words } from "../quality/parts";
import { DataTable } from "../shared/DataTable";

type Session = Schemas["CalibrationSession"];

/** Calls that several reviewers scored by themselves, and what each of them said. */
export function Calibrations() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState<Session | null>(null);
  const found = useQuery({
    queryKey: ["review", "calibrations"],
    queryFn: () => got(api.GET("/api/v1/quality/calibrations")),
  });
  const close = useMutation({
    mutationFn: (id: number) => api.POST("/api/v1/quality/calibrations/{id}/close", { params: { path: { id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["review", "calibrations"] }),
  });
  const rows = found.data?.items ?? [];
  return (
    <section aria-label={t("calibration.title")}>
      <Title order={2} size="h5" mb="xs">
        {t("calibration.title")}
      </Title>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && rows.length === 0 && (
        <Text size="sm" c="dimmed" className="prose">
          {t("calibration.empty")}
        </Text>
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("calibration.title")}
          rows={rows}
          rowKey={(s) => String(s.id)}
          columns={[
            {
              key: "call",
              label: t("calibration.call"),
              cell: (s) => (
                <Anchor size="sm" renderRoot={(p) => <Link to="/review" search={{ leg: s.leg }} {...p} />}>
                  {s.agent_name} {dateTime(s.at, i18n.language)}
                </Anchor>
              ),
            },
            { key: "by", label: t("calibration.by"), cell: (s) => s.opened_by },
            { key: "done", label: t("calibration.done"), figure: true, cell: (s) => `${s.done} / ${s.joined}` },
            {
              key: "state",
              label: t("calibration.state"),
              cell: (s) => t(s.closed_at ? "calibration.closed" : "calibration.open"),
            },
            {
              key: "actions",
              label: t("admin.actions"),
              cell: (s) => (
                <Group gap={4} wrap="nowrap">
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    disabled={!s.closed_at && s.mine !== "done"}
                    onClick={() => setOpen(open?.id === s.id ? null : s)}
                  >
                    {t("calibration.compare")}
                  </Button>
                  {!s.closed_at && (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      loading={close.isPending}
                      onClick={() => close.mutate(s.id)}
                    >
                      {t("calibration.close")}
                    </Button>
                  )}
                </Group>
              ),
            },
          ]}
        />
      )}
      {open && <Compared session={open} />}
    </section>
  );
}

function Compared({ session }: { session: Session }) {
  const { t } = useTranslation();
  const valueName = useValueName();
  const sheet = useSheet(session.leg);
  const found = useQuery({
    queryKey: ["review", "calibrations", session.id],
    queryFn: () => got(api.GET("/api/v1/quality/calibrations/{id}", { params: { path: { id: session.id } } })),
  });
  if (found.isPending || sheet.isPending) return <Loading />;
  if (found.isError) return <Broken error={found.error} retry={() => void found.refetch()} />;
  const questions = sheet.data?.card.sections.flatMap((s) => s.questions) ?? [];
  const people = [...new Set(found.data.answers.map((a) => a.by))].sort();
  return (
    <DataTable
      label={t("calibration.compare")}
      rows={questions}
      rowKey={(q) => q.id}
      columns={[
        { key: "question", label: t("agreement.question"), cell: (q) => words(q.text) },
        ...people.map((name) => ({
          key: name,
          label: name,
          cell: (q: (typeof questions)[number]) => {
            const a = found.data.answers.find((x) => x.question === q.id && x.by === name);
            return a ? [valueName(q, a.value), a.note].filter(Boolean).join("：") : "–";
          },
        })),
      ]}
    />
  );
}
