import { Alert, Anchor, Button, Group, SegmentedControl, Select, Text } from "@mantine/core";
import { IconAlertTriangle, IconDownload, IconInfoCircle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
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
  type Figures,
  isDisposition,
  type Lack,
  type LiftReport,
  lackOf,
  liftCsv,
  liftText,
  type MinedReport,
  minedCsv,
  type Outcome,
  outcomes,
  readings,
  sources,
} from "./lift";
import { choose } from "./trend";

/** Which wordings of agents go with an outcome, those of the dictionary or those that are found, and how sure that is. */
export function Phrases() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const outcome = choose(outcomes, filters.outcome);
  const source = choose(sources, filters.source);
  const query: Query = {
    ...rangeOf(filters, "month", Date.now()),
    queue: filters.queue,
    outcome,
    survey: isDisposition(outcome) ? undefined : filters.survey,
  };
  return (
    <>
      <FilterBar filters={filters} set={set}>
        <SegmentedControl
          size="xs"
          aria-label={t("lift.source_label")}
          data={sources.map((s) => ({ value: s, label: t(`lift.source.${s}`) }))}
          value={source}
          onChange={(s) => set({ source: s === sources[0] ? undefined : s })}
        />
        <Select
          size="xs"
          w={168}
          label={t("lift.outcome_label")}
          data={outcomes.map((o) => ({ value: o, label: t(`lift.outcome.${o}`) }))}
          value={outcome}
          allowDeselect={false}
          onChange={(o) => set({ outcome: o === outcomes[0] ? undefined : (o ?? undefined), survey: undefined })}
        />
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
      </FilterBar>
      <Alert variant="light" icon={<IconInfoCircle aria-hidden />} mb="md" title={t("lift.not_cause")}>
        {t("lift.not_cause_hint")}
      </Alert>
      {source === "mined" ? <Mined query={query} /> : <Wordings query={query} />}
    </>
  );
}

type Query = { from?: string; to?: string; queue?: string; outcome: Outcome; survey?: string };

/** Those that somebody wrote into the dictionary. */
function Wordings({ query }: { query: Query }) {
  const { t } = useTranslation();
  const read = (more: { export?: boolean }) =>
    got(api.GET("/api/v1/quality/lift", { params: { query: { ...query, ...more } } }));
  const report = useQuery({
    queryKey: ["lift", query],
    // With the outcome that was asked for: while another one is being read, the table is still of the one before.
    queryFn: async () => ({ outcome: query.outcome, ...(await read({})) }),
    placeholderData: keepPreviousData,
  });
  const data = report.data;
  if (report.isPending) return <Loading />;
  if (report.isError || !data) return <Broken error={report.error} retry={() => void report.refetch()} />;
  return (
    <Basis report={data} outcome={data.outcome} csv={async () => liftCsv(await read({ export: true }), t)}>
      <LiftTable
        what={t("lift.wording")}
        all={data.calls}
        rows={data.items.map((w) => ({
          key: w.entry,
          figures: w,
          name: (
            <Definition text={t("lift.any_of", { phrases: w.phrases.join("、") })}>{named(w) || w.entry}</Definition>
          ),
        }))}
      />
    </Basis>
  );
}

/** Those that are found in what agents said. Looking takes seconds, so it is not done again by itself. */
function Mined({ query }: { query: Query }) {
  const { t } = useTranslation();
  const read = (more: { export?: boolean }) =>
    got(api.GET("/api/v1/quality/phrases", { params: { query: { ...query, ...more } } }));
  const report = useQuery({
    queryKey: ["lift", "mined", query],
    queryFn: async () => ({ outcome: query.outcome, ...(await read({})) }),
    placeholderData: keepPreviousData,
    staleTime: 10 * 60 * 1000,
    refetchOnWindowFocus: false,
  });
  const data = report.data;
  if (report.isPending) return <Loading />;
  if (report.isError || !data) return <Broken error={report.error} retry={() => void report.refetch()} />;
  const values = {
    n: count(data.sampled),
    all: count(data.calls),
    seed: data.seed,
    floor: data.floor,
    tried: count(data.tried),
  };
  return (
    <Basis report={data} outcome={data.outcome} csv={async () => minedCsv(await read({ export: true }), t)}>
      <Text size="sm" c="dimmed" mb="xs" className="prose" data-testid="mined-how">
        {t(data.sampled < data.calls ? "lift.mined.sample" : "lift.mined.whole", values)} {t("lift.mined.how", values)}
      </Text>
      <LiftTable
        what={t("lift.phrase")}
        all={data.sampled}
        rows={data.items.map((w) => ({ key: w.text, figures: w, name: w.text }))}
      />
    </Basis>
  );
}

/** What the figures are of, or why there are none; and the way to take them along. */
function Basis(props: {
  report: LiftReport | MinedReport;
  outcome: Outcome;
  csv: () => Promise<string>;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const names = useNames();
  const { report: data, outcome } = props;
  const codes = names.data?.dispositions?.map((d) => d.code);
  const lack = lackOf(data, outcome, codes);
  const save = async () => download(`${t("lift.file")}-${outcome}-${dayOf(Date.now())}.csv`, await props.csv());
  return (
    <>
      <SurveyPick surveys={data.surveys} survey={data.survey} />
      {lack ? (
        <Nothing report={data} outcome={outcome} lack={lack} />
      ) : (
        <>
          <Group justify="space-between" mb="xs" wrap="nowrap" align="flex-start">
            <Text size="sm">
              {t("lift.basis", {
                n: count(data.calls),
                won: count(data.won),
                rate: percent((100 * data.won) / data.calls, 1),
                outcome: t(`lift.outcome.${outcome}`),
              })}
              {data.codes.length > 0 &&
                t("lift.codes", { codes: data.codes.map(names.disposition).join(t("lift.comma")) })}
            </Text>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => void save()}
            >
              {t("trends.export")}
            </Button>
          </Group>
          {props.children}
        </>
      )}
    </>
  );
}

/** Whose answers count. Nothing to choose for dispositions. */
function SurveyPick({ surveys, survey }: { surveys: string[]; survey: string }) {
  const { t } = useTranslation();
  const [, set] = useFilters();
  if (survey === "") return null;
  return (
    <Select
      size="xs"
      w={168}
      mb="xs"
      label={t("lift.survey")}
      data={surveys.includes(survey) ? surveys : [survey, ...surveys]}
      value={survey}
      allowDeselect={false}
      onChange={(s) => set({ survey: s ?? undefined })}
    />
  );
}

type Row = { key: string; name: ReactNode; figures: Figures };

function LiftTable({ what, rows, all }: { what: string; rows: Row[]; all: number }) {
  const { t } = useTranslation();
  const head = (figure: string) => (
    <Definition text={t(`lift.means.${figure}`)}>{t(`lift.figure.${figure}`)}</Definition>
  );
  const columns: Column<Row>[] = [
    { key: "wording", label: what, cell: (r) => r.name },
    { key: "calls", label: head("calls"), figure: true, cell: (r) => count(r.figures.calls) },
    { key: "won", label: head("won"), figure: true, cell: (r) => count(r.figures.won) },
    { key: "rate_with", label: head("rate_with"), figure: true, cell: (r) => percent(r.figures.rate_with, 1) },
    {
      key: "rate_without",
      label: head("rate_without"),
      figure: true,
      cell: (r) => (r.figures.calls < all ? percent(r.figures.rate_without, 1) : "–"),
    },
    {
      key: "lift",
      label: <Definition text={t("lift.means.lift")}>{t("lift.figure.lift_interval")}</Definition>,
      figure: true,
      cell: (r) => liftText(r.figures),
    },
    { key: "reading", label: head("reading"), cell: (r) => <Reading figures={r.figures} /> },
  ];
  return <DataTable label={t("trends.tabs.phrases")} columns={columns} rows={rows} rowKey={(r) => r.key} />;
}

function Reading({ figures: w }: { figures: Figures }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} wrap="nowrap">
      {(w.few || w.open || w.believed === false) && <IconAlertTriangle size={14} aria-hidden />}
      {readings(w)
        .map((r) => t(`lift.reading.${r}`))
        .join(t("lift.and"))}
    </Group>
  );
}

/** Nothing to compare: why, and what to do about it. */
function Nothing({ report, outcome, lack }: { report: LiftReport | MinedReport; outcome: Outcome; lack: Lack }) {
  const { t } = useTranslation();
  const source = isDisposition(outcome) ? "disposition" : "survey";
  const values = {
    n: count(report.calls),
    outcome: t(`lift.outcome.${outcome}`),
    key: outcome,
    codes: report.codes.join(t("lift.comma")),
    floor: "floor" in report ? report.floor : 0,
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
