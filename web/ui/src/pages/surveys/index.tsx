import { Grid, NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { AgentPick, FilterBar, PeriodPick, Pick, QueuePick } from "../shared/FilterBar";
import { useNames } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { Answers } from "./Answers";
import { AskingRules } from "./Asking";
import { Charts } from "./Charts";
import { Comments } from "./Comments";
import { Export } from "./Export";
import { FollowUps } from "./FollowUps";
import { type By, groupName, ReportTable } from "./ReportTable";

const bys = ["queue", "agent", "way", "occasion", "campaign", "day", "week", "month"] as const;
const ways = ["phone", "link", "outbound"] as const;

export default function SurveysPage() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const names = useNames();
  const me = useMe();
  const by: By = bys.find((b) => b === filters.by) ?? "queue";
  const range = rangeOf(filters, "month", Date.now());
  const query = { ...range, survey: filters.survey, queue: filters.queue, agent: filters.agent };
  const way = ways.find((w) => w === filters.way);
  const report = useQuery({
    queryKey: ["surveys", "report", query, way, by],
    queryFn: () => got(api.GET("/api/v1/surveys", { params: { query: { ...query, way, by } } })),
    placeholderData: keepPreviousData,
  });
  const groups = report.data?.groups ?? [];
  const name = (key: string) => groups.find((g) => g.key === key)?.name ?? groupName(key, by, names, t, i18n.language);
  return (
    <>
      <PageTitle titleKey="nav.surveys">
        {can(me, "flows") && <AskingRules />}
        <FollowUps />
        {can(me, "export") && <Export query={{ ...query, way, by }} disabled={!report.data?.total.offered} />}
      </PageTitle>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
        <Pick
          name="way"
          label={t("surveys.way_label")}
          choices={ways.map((w) => ({ value: w, label: t(`surveys.way.${w}`) }))}
          filters={filters}
          set={set}
          width={120}
        />
        {(report.data?.surveys.length ?? 0) > 1 && (
          <NativeSelect
            size="xs"
            label={t("surveys.survey")}
            data={report.data?.surveys}
            value={report.data?.survey}
            onChange={(e) => set({ survey: e.currentTarget.value })}
          />
        )}
        <NativeSelect
          size="xs"
          label={t("surveys.by_label")}
          data={bys.map((b) => ({ value: b, label: t(`surveys.by.${b}`) }))}
          value={by}
          onChange={(e) => set({ by: e.currentTarget.value === "queue" ? undefined : e.currentTarget.value })}
        />
      </FilterBar>
      {report.isPending && <Loading />}
      {report.isError && <Broken error={report.error} retry={() => void report.refetch()} />}
      {report.data?.total.offered === 0 && (
        <Empty
          title={t("surveys.empty.title")}
          hint={t(report.data.total.answered ? "surveys.empty.no_answers" : "surveys.empty.no_calls")}
        />
      )}
      {report.data && report.data.total.offered > 0 && (
        <>
          <Grid gap="md" mb="lg" columns={24}>
            <Grid.Col span={{ base: 24, lg: 18 }}>
              <ReportTable groups={groups} total={report.data.total} by={by} name={name} />
            </Grid.Col>
            <Grid.Col span={{ base: 24, lg: 6 }}>
              <Charts groups={groups} total={report.data.total} questions={report.data.questions} by={by} />
            </Grid.Col>
          </Grid>
          {can(me, "review") && <Comments query={{ ...query, way }} />}
          <Answers query={{ ...query, way }} />
        </>
      )}
    </>
  );
}
