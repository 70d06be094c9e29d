import { Anchor, Badge, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconRobot, IconRobotOff, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime, percent } from "../../lib/format";
import { words } from "../quality/parts";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { FilterBar, PeriodPick } from "../shared/FilterBar";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { Calibrations } from "./Calibrations";
import { ReviewTabs } from "./Tabs";

type Row = Schemas["QuestionAgreement"];

/** How far machine and people agree, question by question: the system's own error, published. */
export default function AgreementPage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const query = rangeOf(filters, "month", Date.now());
  const found = useQuery({
    queryKey: ["review", "agreement", query],
    queryFn: () => got(api.GET("/api/v1/quality/agreement", { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const [switching, setSwitching] = useState<Row | null>(null);
  const rows = found.data?.items ?? [];
  const pairs = rows.reduce((n, r) => n + r.machine.pairs + r.people.pairs, 0);
  return (
    <>
      <PageTitle titleKey="review.tab.agreement">
        <ReviewTabs />
      </PageTitle>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
      </FilterBar>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && pairs === 0 && (
        <Empty
          title={t("agreement.empty")}
          hint={t("agreement.empty_hint")}
          action={
            <Anchor size="sm" renderRoot={(p) => <Link to="/review" {...p} />}>
              {t("review.tab.desk")}
            </Anchor>
          }
        />
      )}
      {found.data && <Table rows={rows} change={setSwitching} />}
      <Text size="sm" c="dimmed" mt="xs" mb="lg" className="prose">
        {t("agreement.explained")}
      </Text>
      <Calibrations />
      {switching && <Switch row={switching} close={() => setSwitching(null)} />}
    </>
  );
}

function Kappa({ of: a }: { of: Schemas["Agreement"] }) {
  const { t } = useTranslation();
  if (a.pairs === 0) return <Text span>–</Text>;
  if (a.kappa === null || a.low === null || a.high === null)
    return <Definition text={t("agreement.no_kappa")}>—</Definition>;
  return (
    <Text span size="sm" className="mono">
      {a.kappa.toFixed(2)}{" "}
      <Text span c="dimmed" size="sm">
        {a.low.toFixed(2)} – {a.high.toFixed(2)}
      </Text>
    </Text>
  );
}

function Table({ rows, change }: { rows: Row[]; change: (row: Row) => void }) {
  const { t, i18n } = useTranslation();
  const may = can(useMe(), "scorecards");
  const figures = (who: "machine" | "people"): Column<Row>[] => [
    {
      key: `${who}_pairs`,
      label: <Definition text={t(`agreement.definition.${who}`)}>{t(`agreement.${who}`)}</Definition>,
      figure: true,
      cell: (r) => r[who].pairs,
    },
    {
      key: `${who}_percent`,
      label: t("agreement.percent"),
      figure: true,
      cell: (r) => (r[who].pairs === 0 ? "–" : percent(r[who].percent, 0)),
    },
    {
      key: `${who}_kappa`,
      label: <Definition text={t("agreement.definition.kappa")}>{t("agreement.kappa")}</Definition>,
      figure: true,
      cell: (r) => <Kappa of={r[who]} />,
    },
  ];
  const columns: Column<Row>[] = [
    { key: "question", label: t("agreement.question"), cell: (r) => words(r.question.text) },
    ...figures("machine"),
    ...figures("people"),
    {
      key: "floor",
      label: <Definition text={t("agreement.definition.floor")}>{t("agreement.floor")}</Definition>,
      figure: true,
      cell: (r) => (r.question.floor ? r.question.floor.toFixed(2) : "–"),
    },
    {
      key: "state",
      label: t("agreement.state"),
      cell: (r) => (
        <Group gap={6} wrap="nowrap">
          <State row={r} />
          {r.since && (
            <Text size="xs" c="dimmed">
              {dateTime(r.since, i18n.language)} {r.note}
            </Text>
          )}
        </Group>
      ),
    },
  ];
  if (may)
    columns.push({
      key: "switch",
      label: t("admin.actions"),
      cell: (r) =>
        r.by !== "person" && (
          <Button size="compact-xs" variant="subtle" onClick={() => change(r)}>
            {t(r.answers ? "agreement.turn_off" : "agreement.turn_on")}
          </Button>
        ),
    });
  return <DataTable label={t("review.tab.agreement")} columns={columns} rows={rows} rowKey={(r) => r.question.id} />;
}

function State({ row: r }: { row: Row }) {
  const { t } = useTranslation();
  const sign = r.answers
    ? { icon: IconRobot, color: "green", key: "on" }
    : r.by !== "person"
      ? { icon: IconRobotOff, color: "orange", key: "off" }
      : { icon: IconUser, color: "gray", key: "people" };
  return (
    <Badge
      size="sm"
      variant="default"
      leftSection={<sign.icon size={12} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />}
    >
      {t(`agreement.answers.${sign.key}`)}
    </Badge>
  );
}

function Switch({ row, close }: { row: Row; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const change = useMutation({
    mutationFn: () =>
      api.PUT("/api/v1/quality/agreement/{question}", {
        params: { path: { question: row.question.id } },
        body: { answers: !row.answers, note },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["review", "agreement"] });
      close();
    },
  });
  const problem = change.error ? problemText(change.error, t) : null;
  return (
    <Modal opened onClose={close} title={words(row.question.text)} closeButtonProps={{ "aria-label": "Esc" }}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          change.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm" className="prose">
            {t(row.answers ? "agreement.turn_off_hint" : "agreement.turn_on_hint")}
          </Text>
          <TextInput
            label={t("agreement.why")}
            required
            data-autofocus
            maxLength={500}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
          />
          {problem && (
            <Text size="sm" c="red" role="alert">
              {problem.title}：{problem.remedy}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("quality.cancel")}
            </Button>
            <Button type="submit" disabled={note.trim() === ""} loading={change.isPending}>
              {t(row.answers ? "agreement.turn_off" : "agreement.turn_on")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
