import { Alert, Button, Grid, SegmentedControl } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { Broken, Empty, Loading } from "../../components/States";
import { NothingScored } from "../quality/parts";
import { download } from "../shared/csv";
import { AgentPick, FilterBar, PeriodPick, QueuePick } from "../shared/FilterBar";
import { dayOf, rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { Chosen } from "./Chosen";
import { trendsCsv } from "./export";
import { TrendTable } from "./TrendTable";
import { choose, kinds, steps, voices } from "./trend";

/** What calls speak of: topics or products, how often, how that changed, and whether well or ill. */
export function Topics() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const kind = choose(kinds, filters.kind);
  const step = choose(steps, filters.step);
  const voice = choose(voices, filters.role);
  const query = {
    ...rangeOf(filters, "month", Date.now()),
    queue: filters.queue,
    agent: filters.agent,
    role: voice === "both" ? undefined : voice,
  };
  const read = (more: { export?: boolean }) =>
    got(api.GET("/api/v1/quality/trends", { params: { query: { ...query, kind, step, ...more } } }));
  const report = useQuery({
    queryKey: ["trends", query, kind, step],
    queryFn: () => read({}),
    placeholderData: keepPreviousData,
  });
  const items = report.data?.items ?? [];
  const entry = items.find((i) => i.entry === filters.entry) ?? items[0];
  const save = async () =>
    download(`${t("trends.file")}-${dayOf(Date.now())}.csv`, trendsCsv(await read({ export: true }), t));
  return (
    <>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
        {(
          [
            ["kind", kinds, kind],
            ["role", voices, voice],
            ["step", steps, step],
          ] as const
        ).map(([name, values, value]) => (
          <SegmentedControl
            key={name}
            size="xs"
            aria-label={t(`trends.${name}_label`)}
            data={values.map((v) => ({ value: v, label: t(`trends.${name}.${v}`) }))}
            value={value}
            onChange={(v) => set({ [name]: v === values[0] ? undefined : v })}
          />
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          disabled={items.length === 0}
          onClick={() => void save()}
        >
          {t("trends.export")}
        </Button>
      </FilterBar>
      {report.isPending && <Loading />}
      {report.isError && <Broken error={report.error} retry={() => void report.refetch()} />}
      {report.data && report.data.behind > 0 && (
        <Alert color="yellow" mb="sm" title={t("trends.behind", { n: report.data.behind })}>
          {t("trends.behind_hint")}
        </Alert>
      )}
      {report.data?.calls === 0 && <NothingScored />}
      {report.data && report.data.calls > 0 && items.length === 0 && (
        <Empty title={t("trends.empty.title")} hint={t("trends.empty.hint", { n: report.data.calls })} />
      )}
      {report.data && entry && (
        <Grid gap="md" columns={24}>
          <Grid.Col span={{ base: 24, lg: 14 }}>
            <TrendTable report={report.data} chosen={entry.entry} open={(to) => set({ entry: to })} />
          </Grid.Col>
          <Grid.Col span={{ base: 24, lg: 10 }}>
            <Chosen key={`${kind} ${entry.entry}`} report={report.data} trend={entry} kind={kind} query={query} />
          </Grid.Col>
        </Grid>
      )}
    </>
  );
}
