import { Button, Grid, SegmentedControl } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { download } from "../shared/csv";
import { AgentPick, FilterBar, PeriodPick, QueuePick } from "../shared/FilterBar";
import { useNames } from "../shared/lists";
import { dayOf, rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { Answers } from "./Answers";
import { Charts } from "./Charts";
import { reportCsv } from "./export";
import { type By, groupName, ReportTable } from "./ReportTable";

const bys = ["queue", "agent", "day"] as const;

export default function SurveysPage() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const names = useNames();
  const by: By = bys.find((b) => b === filters.by) ?? "queue";
  const range = rangeOf(filters, "month", Date.now());
  const query = { ...range, queue: filters.queue, agent: filters.agent };
  const report = useQuery({
    queryKey: ["surveys", "report", query, by],
    queryFn: () => got(api.GET("/api/v1/surveys", { params: { query: { ...query, by } } })),
    placeholderData: keepPreviousData,
  });
  const groups = report.data?.groups ?? [];
  const name = (key: string) => groupName(key, by, names, t, i18n.language);
  const save = () =>
    report.data && download(`${t("surveys.file")}-${dayOf(Date.now())}.csv`, reportCsv(report.data, t, name, by));
  return (
    <>
      <PageTitle titleKey="nav.surveys">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          disabled={!report.data?.total.calls}
          onClick={save}
        >
          {t("surveys.export")}
        </Button>
      </PageTitle>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
        <SegmentedControl
          size="xs"
          aria-label={t("surveys.by_label")}
          data={bys.map((b) => ({ value: b, label: t(`surveys.by.${b}`) }))}
          value={by}
          onChange={(value) => set({ by: value === "queue" ? undefined : value })}
        />
      </FilterBar>
      {report.isPending && <Loading />}
      {report.isError && <Broken error={report.error} retry={() => void report.refetch()} />}
      {report.data?.total.responses === 0 && (
        <Empty
          title={t("surveys.empty.title")}
          hint={t(report.data.total.calls ? "surveys.empty.no_answers" : "surveys.empty.no_calls")}
        />
      )}
      {report.data && report.data.total.responses > 0 && (
        <>
          <Grid gap="md" mb="lg" columns={24}>
            <Grid.Col span={{ base: 24, lg: 18 }}>
              <ReportTable groups={groups} total={report.data.total} by={by} name={name} />
            </Grid.Col>
            <Grid.Col span={{ base: 24, lg: 6 }}>
              <Charts groups={groups} total={report.data.total} by={by} />
            </Grid.Col>
          </Grid>
          <Answers query={query} />
        </>
      )}
    </>
  );
}
