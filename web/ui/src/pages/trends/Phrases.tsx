import { Alert, Anchor, Button, Group, Select, Text } from "@mantine/core";
import { IconAlertTriangle, IconDownload, IconInfoCircle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { Broken, Empty, Loading } from "../../components/States";
import { named } from "../../i18n";
import { count, percent } from "../../lib/format";
import { download } from "../shared/csv";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { FilterBar, PeriodPick, QueuePick } from "../shared/FilterBar";
import { useNames } from "../shared/lists";
import { dayOf, rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import {
  isDisposition,
  type Lack,
  type LiftReport,
  lackOf,
  liftCsv,
  liftText,
  type Outcome,
  outcomes,
  readings,
  type WordingLift,
} from "./lift";
import { choose } from "./trend";

/** Which wordings of agents go with an outcome, and how sure that is. */
export function Phrases() {
  const { t } = useTranslation();
  const names = useNames();
  const [filters, set] = useFilters();
  const outcome = choose(outcomes, filters.outcome);
  const query = { ...rangeOf(filters, "month", Date.now()), queue: filters.queue, outcome };
  const read = (more: { export?: boolean }) =>
    got(api.GET("/api/v1/quality/lift", { params: { query: { ...query, ...more } } }));
  const report = useQuery({
    queryKey: ["lift", query],
    // With the outcome that was asked for: while another one is being read, the table is still of the one before.
    queryFn: async () => ({ outcome, ...(await read({})) }),
    placeholderData: keepPreviousData,
  });
  const data = report.data;
  const lack =
    data &&
    lackOf(
      data,
      data.outcome,
      names.data?.dispositions?.map((d) => d.code),
    );
  const save = async () =>
    download(`${t("lift.file")}-${outcome}-${dayOf(Date.now())}.csv`, liftCsv(await read({ export: true }), t));
  return (
    <>
      <FilterBar filters={filters} set={set}>
        <Select
          size="xs"
          w={168}
          label={t("lift.outcome_label")}
          data={outcomes.map((o) => ({ value: o, label: t(`lift.outcome.${o}`) }))}
          value={outcome}
          allowDeselect={false}
          onChange={(o) => set({ outcome: o === outcomes[0] ? undefined : (o ?? undefined) })}
        />
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          disabled={!data || lack !== null}
          onClick={() => void save()}
        >
          {t("trends.export")}
        </Button>
      </FilterBar>
      <Alert variant="light" icon={<IconInfoCircle aria-hidden />} mb="md" title={t("lift.not_cause")}>
        {t("lift.not_cause_hint")}
      </Alert>
      {report.isPending && <Loading />}
      {report.isError && <Broken error={report.error} retry={() => void report.refetch()} />}
      {data && lack && <Nothing report={data} outcome={data.outcome} lack={lack} />}
      {data && !lack && (
        <>
          <Text size="sm" mb="xs">
            {t("lift.basis", {
              n: count(data.calls),
              won: count(data.won),
              rate: percent((100 * data.won) / data.calls, 1),
              outcome: t(`lift.outcome.${data.outcome}`),
            })}
            {data.codes.length > 0 &&
              t("lift.codes", { codes: data.codes.map(names.disposition).join(t("lift.comma")) })}
          </Text>
          <LiftTable report={data} />
        </>
      )}
    </>
  );
}

function LiftTable({ report }: { report: LiftReport }) {
  const { t } = useTranslation();
  const head = (figure: string) => (
    <Definition text={t(`lift.means.${figure}`)}>{t(`lift.figure.${figure}`)}</Definition>
  );
  const columns: Column<WordingLift>[] = [
    {
      key: "wording",
      label: t("lift.wording"),
      cell: (w) => (
        <Definition text={t("lift.any_of", { phrases: w.phrases.join("、") })}>{named(w) || w.entry}</Definition>
      ),
    },
    { key: "calls", label: head("calls"), figure: true, cell: (w) => count(w.calls) },
    { key: "won", label: head("won"), figure: true, cell: (w) => count(w.won) },
    { key: "rate_with", label: head("rate_with"), figure: true, cell: (w) => percent(w.rate_with, 1) },
    {
      key: "rate_without",
      label: head("rate_without"),
      figure: true,
      cell: (w) => (w.calls < report.calls ? percent(w.rate_without, 1) : "–"),
    },
    {
      key: "lift",
      label: <Definition text={t("lift.means.lift")}>{t("lift.figure.lift_interval")}</Definition>,
      figure: true,
      cell: liftText,
    },
    { key: "reading", label: head("reading"), cell: (w) => <Reading wording={w} /> },
  ];
  return <DataTable label={t("trends.tabs.phrases")} columns={columns} rows={report.items} rowKey={(w) => w.entry} />;
}

function Reading({ wording: w }: { wording: WordingLift }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} wrap="nowrap">
      {(w.few || w.open) && <IconAlertTriangle size={14} aria-hidden />}
      {readings(w)
        .map((r) => t(`lift.reading.${r}`))
        .join(t("lift.and"))}
    </Group>
  );
}

/** Nothing to compare: why, and what to do about it. */
function Nothing({ report, outcome, lack }: { report: LiftReport; outcome: Outcome; lack: Lack }) {
  const { t } = useTranslation();
  const source = isDisposition(outcome) ? "disposition" : "survey";
  const values = {
    n: count(report.calls),
    outcome: t(`lift.outcome.${outcome}`),
    key: outcome,
    codes: report.codes.join(t("lift.comma")),
  };
  const bySource = lack === "no_calls" || lack === "none_won";
  return (
    <Empty
      title={t(`lift.empty.${lack}.title`, values)}
      hint={t(`lift.empty.${lack}.${bySource ? source : "hint"}`, values)}
      action={
        lack === "no_calls" && (
          <Anchor size="sm" renderRoot={(p) => <Link to="/quality" {...p} />}>
            {t("lift.empty.no_calls.link")}
          </Anchor>
        )
      }
    />
  );
}
