import { Grid, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime, duration } from "../../lib/format";
import { AgentPick, FilterBar, PeriodPick } from "../shared/FilterBar";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { Answers } from "./Answers";
import { Coaching } from "./Coaching";
import { FindingRow } from "./FindingRow";
import { Hear } from "./Hear";
import { type Call, NothingScored, type Sheet, Total, useSheet } from "./parts";
import { Reply } from "./Reply";
import { Violations } from "./Violations";
import "./quality.css";

/** What agents see of the quality of their own calls, and others of those that their scope covers. */
export default function QualityPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [filters, set] = useFilters();
  const query = { ...rangeOf(filters, "month", Date.now()), agent: filters.agent };
  const calls = useQuery({
    queryKey: ["quality", "calls", query],
    queryFn: () => got(api.GET("/api/v1/quality/calls", { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const items = calls.data?.items ?? [];
  const leg = filters.leg ?? items[0]?.leg ?? "";
  return (
    <>
      <PageTitle titleKey={me.scope === "own" ? "quality.title_own" : "quality.title"} />
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        {me.scope !== "own" && <AgentPick filters={filters} set={set} />}
      </FilterBar>
      <Coaching agent={filters.agent} open={(to) => set({ leg: to })} />
      {(me.scope === "own" || filters.agent) && (
        <Violations
          agent={me.scope === "own" ? me.id : (filters.agent ?? "")}
          own={me.scope === "own"}
          open={(to) => set({ leg: to })}
        />
      )}
      {calls.isPending && <Loading />}
      {calls.isError && <Broken error={calls.error} retry={() => void calls.refetch()} />}
      {calls.data && items.length === 0 && <NothingScored />}
      {items.length > 0 && (
        <Grid gap="md" columns={24}>
          <Grid.Col span={{ base: 24, md: 6 }}>
            <nav aria-label={t("quality.calls")} className="review-column">
              {items.map((c) => (
                <CallRow
                  key={c.leg}
                  call={c}
                  current={c.leg === leg}
                  named={me.scope !== "own"}
                  open={() => set({ leg: c.leg })}
                />
              ))}
            </nav>
          </Grid.Col>
          <Grid.Col span={{ base: 24, md: 18 }}>
            <OneCall key={leg} leg={leg} own={me.id} />
          </Grid.Col>
        </Grid>
      )}
    </>
  );
}

function CallRow({
  call: c,
  current,
  named,
  open,
}: {
  call: Call;
  current: boolean;
  named: boolean;
  open: () => void;
}) {
  const { t, i18n } = useTranslation();
  return (
    <UnstyledButton className="work-item" aria-current={current ? "true" : undefined} onClick={open}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{dateTime(c.at, i18n.language)}</Text>
        <Text size="sm" fw={600}>
          <Total value={c.total} critical={c.critical} />
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {[
          named && c.agent_name,
          duration(c.length_ms / 1000),
          c.violations > 0 && t("quality.violations_n", { n: c.violations }),
        ]
          .filter(Boolean)
          .join("　")}
      </Text>
    </UnstyledButton>
  );
}

function OneCall({ leg, own }: { leg: string; own: string }) {
  const sheet = useSheet(leg);
  if (sheet.isPending) return <Loading />;
  if (sheet.isError) return <Broken error={sheet.error} retry={() => void sheet.refetch()} />;
  return <Shown sheet={sheet.data} own={own} />;
}

function Shown({ sheet: s, own }: { sheet: Sheet; own: string }) {
  const { t } = useTranslation();
  useEffect(() => {
    // Another call begins at its top.
    document.getElementById("call-total")?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <Grid gap="md" columns={18}>
      <Grid.Col span={{ base: 18, lg: 11 }}>
        <Hear leg={s.leg}>
          {(jump) => (
            <section aria-label={t("quality.findings")}>
              <Text fw={600} size="sm" mt="xs" mb={4}>
                {t("quality.findings")}
              </Text>
              {s.findings.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t("quality.no_findings")}
                </Text>
              )}
              {s.findings.map((f) => (
                <FindingRow key={f.id} finding={f} jump={() => jump(f.start_ms)}>
                  {s.agent_id === own && <Reply leg={s.leg} finding={f} />}
                </FindingRow>
              ))}
            </section>
          )}
        </Hear>
      </Grid.Col>
      <Grid.Col span={{ base: 18, lg: 7 }}>
        <Paper withBorder p="sm">
          <Stack gap="xs">
            <Group justify="space-between" id="call-total">
              <Text fw={650}>{t("quality.total")}</Text>
              <Text fw={650} data-testid="call-total">
                <Total value={s.total} />
              </Text>
            </Group>
            {s.refused !== "" && <Empty title={t(`quality.refused.${s.refused}`)} hint={t("quality.refused_hint")} />}
            <Answers sheet={s} />
            <Text size="xs" c="dimmed" className="prose">
              {t("quality.answers_hint")}
            </Text>
          </Stack>
        </Paper>
      </Grid.Col>
    </Grid>
  );
}
