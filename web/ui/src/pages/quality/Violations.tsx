import { Anchor, Box, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { date, dateTime } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { type ByPeriod, byPhrase, labelOf, type PeriodStep, periodsBack } from "./violations";

type Violation = Schemas["Violation"];
type Row = { rule: string; phrase: string; now: Violation | undefined; periods: Map<string, ByPeriod> };

/** How often an agent said which forbidden phrase, now and by month or week, and how far the steps have come. */
export function Violations({ agent, own, open }: { agent: string; own: boolean; open: (leg: string) => void }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<PeriodStep>("month");
  const periods = periodsBack(step, Date.now());
  const counted = useQuery({
    queryKey: ["quality", "violations", agent],
    queryFn: () => got(api.GET("/api/v1/quality/violations", { params: { query: { agent } } })),
  });
  const query = { agent, step, from: periods.from };
  const past = useQuery({
    queryKey: ["quality", "violations", "periods", query],
    queryFn: async () => (await got(api.GET("/api/v1/quality/violations/periods", { params: { query } }))).items,
  });
  const broken = [counted, past].find((q) => q.isError);
  return (
    <Box component="section" aria-label={t("violations.title")} mb="md" data-testid="own-violations">
      <Group justify="space-between" mb={4}>
        <Title order={2} size="h5">
          {t(own ? "violations.title_own" : "violations.title")}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t("violations.by")}
          value={step}
          onChange={(s) => setStep(s as PeriodStep)}
          data={(["month", "week"] as const).map((s) => ({ value: s, label: t(`violations.by_${s}`) }))}
        />
      </Group>
      {broken && <Broken error={broken.error} retry={() => void broken.refetch()} />}
      {!broken && (counted.isPending || past.isPending) && <Loading />}
      {counted.data && past.data && (
        <Counts
          steps={counted.data.steps}
          rows={byPhrase(counted.data.items ?? [], past.data)}
          days={periods.days}
          step={step}
          open={open}
        />
      )}
    </Box>
  );
}

type CountsProps = {
  steps: Schemas["Steps"];
  rows: Row[];
  days: string[];
  step: PeriodStep;
  open: (leg: string) => void;
};

function Counts({ steps, rows, days, step, open }: CountsProps) {
  const { t, i18n } = useTranslation();
  const thresholds = (["remind", "coach", "warn", "report"] as const)
    .filter((s) => steps[s] > 0)
    .map((s) => t("violations.from", { step: t(`violations.step.${s}`), n: steps[s] }))
    .join(t("violations.and"));
  const columns: Column<Row>[] = [
    { key: "phrase", label: t("violations.phrase"), cell: (r) => r.phrase },
    { key: "count", label: t("violations.lately", { days: steps.days }), figure: true, cell: (r) => r.now?.count ?? 0 },
    { key: "appealed", label: t("violations.appealed"), figure: true, cell: (r) => r.now?.appealed ?? 0 },
    {
      key: "step",
      label: t("violations.reached"),
      cell: (r) =>
        r.now?.done
          ? `${t(`violations.step.${r.now.done}`)} ${date(r.now.done_at, i18n.language)}`
          : t("violations.none"),
    },
    {
      key: "last",
      label: t("violations.last"),
      cell: (r) =>
        r.now && (
          <Anchor component="button" type="button" size="sm" onClick={() => open(r.now?.last_leg ?? "")}>
            {dateTime(r.now.last, i18n.language)}
          </Anchor>
        ),
    },
    ...days.map((day) => ({
      key: day,
      label: labelOf(day, step),
      figure: true,
      cell: (r: Row) => <Then of={r.periods.get(day)} />,
    })),
  ];
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs" className="prose">
        {t("violations.rule", { days: steps.days, thresholds })}
      </Text>
      {rows.length === 0 ? (
        <Text size="sm">{t("violations.none_own")}</Text>
      ) : (
        <DataTable label={t("violations.title")} rows={rows} rowKey={(r) => r.rule} columns={columns} />
      )}
    </>
  );
}

/** What a month or week had: the count, and the step that was taken in it. */
function Then({ of }: { of: ByPeriod | undefined }) {
  const { t } = useTranslation();
  if (!of) return "–";
  return of.step ? `${of.count} ${t(`violations.step.${of.step}`)}` : of.count;
}
