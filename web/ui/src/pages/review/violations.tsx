import { Anchor, Button, Group, NativeSelect, Text, TextInput, Title } from "@mantine/core";
import { IconAward } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { date, dateTime, percent } from "../../lib/format";
import { DataTable } from "../shared/DataTable";
import { useFilters } from "../shared/search";
import { ReviewTabs } from "./Tabs";

type Violation = Schemas["Violation"];

/** Who said forbidden phrases how often, what that calls for, and who does best. */
export default function ViolationsPage() {
  return (
    <>
      <PageTitle titleKey="review.tab.violations">
        <ReviewTabs />
      </PageTitle>
      <Violations />
      <Stars />
    </>
  );
}

function Violations() {
  const { t, i18n } = useTranslation();
  const found = useQuery({
    queryKey: ["review", "violations"],
    queryFn: () => got(api.GET("/api/v1/quality/violations")),
  });
  if (found.isPending) return <Loading />;
  if (found.isError) return <Broken error={found.error} retry={() => void found.refetch()} />;
  const { steps, items } = found.data;
  const thresholds = (["remind", "coach", "warn", "report"] as const)
    .filter((s) => steps[s] > 0)
    .map((s) => t("violations.from", { step: t(`violations.step.${s}`), n: steps[s] }))
    .join("、");
  return (
    <section aria-label={t("violations.title")}>
      <Title order={2} size="h5">
        {t("violations.title")}
      </Title>
      <Text size="sm" c="dimmed" mb="xs" className="prose">
        {t("violations.rule", { days: steps.days, thresholds })}
      </Text>
      {items.length === 0 && (
        <Empty title={t("violations.empty")} hint={t("violations.empty_hint", { days: steps.days })} />
      )}
      {items.length > 0 && (
        <DataTable
          label={t("violations.title")}
          rows={items}
          rowKey={(v) => `${v.agent_id} ${v.rule}`}
          columns={[
            { key: "agent", label: t("filter.agent"), cell: (v) => v.agent_name, sort: (v) => v.agent_name },
            { key: "phrase", label: t("violations.phrase"), cell: (v) => v.phrase, sort: (v) => v.phrase },
            { key: "count", label: t("violations.count"), figure: true, cell: (v) => v.count, sort: (v) => v.count },
            { key: "confirmed", label: t("violations.confirmed"), figure: true, cell: (v) => v.confirmed },
            { key: "appealed", label: t("violations.appealed"), figure: true, cell: (v) => v.appealed },
            {
              key: "last",
              label: t("violations.last"),
              cell: (v) => (
                <Anchor size="sm" renderRoot={(p) => <Link to="/review" search={{ leg: v.last_leg }} {...p} />}>
                  {dateTime(v.last, i18n.language)}
                </Anchor>
              ),
            },
            {
              key: "done",
              label: t("violations.done"),
              cell: (v) => (v.done ? `${t(`violations.step.${v.done}`)} ${date(v.done_at, i18n.language)}` : "–"),
            },
            { key: "proposed", label: t("violations.proposed"), cell: (v) => <Propose violation={v} /> },
          ]}
        />
      )}
    </section>
  );
}

/** The step that the count calls for; a person takes it, or leaves it. */
function Propose({ violation: v }: { violation: Violation }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const [note, setNote] = useState<string | null>(null);
  const confirm = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/quality/violations/steps", {
        body: {
          agent_id: v.agent_id,
          rule: v.rule,
          step: v.proposed as Exclude<Violation["proposed"], "">,
          note: note ?? "",
        },
      }),
    onSuccess: () => {
      setNote(null);
      return client.invalidateQueries({ queryKey: ["review", "violations"] });
    },
  });
  const problem = confirm.error ? problemText(confirm.error, t) : null;
  if (!v.proposed) return "–";
  if (!can(me, "review") || v.agent_id === me.id) return t(`violations.step.${v.proposed}`);
  if (note === null)
    return (
      <Button size="compact-xs" variant="default" onClick={() => setNote("")}>
        {t("violations.take", { step: t(`violations.step.${v.proposed}`) })}
      </Button>
    );
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        confirm.mutate();
      }}
    >
      <Group gap={4} wrap="nowrap">
        <TextInput
          size="xs"
          autoFocus
          aria-label={t("violations.note")}
          placeholder={t("violations.note")}
          maxLength={2000}
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
          onKeyDown={(e) => e.key === "Escape" && setNote(null)}
        />
        <Button size="compact-xs" type="submit" loading={confirm.isPending}>
          {t(`violations.step.${v.proposed}`)}
        </Button>
      </Group>
      {problem && (
        <Text size="xs" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </form>
  );
}

/** The last twelve whole months, the newest first. */
function months(now: number): string[] {
  const d = new Date(now + 8 * 3600 * 1000);
  return Array.from({ length: 12 }, (_, n) => {
    const m = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - 1 - n, 1));
    return m.toISOString().slice(0, 7);
  });
}

function Stars() {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const [filters, set] = useFilters();
  const all = months(Date.now());
  const month = all.find((m) => m === filters.month) ?? all[0] ?? "";
  const found = useQuery({
    queryKey: ["review", "stars", month],
    queryFn: () => got(api.GET("/api/v1/quality/stars", { params: { query: { month } } })),
  });
  const name = useMutation({
    mutationFn: (agent_id: string) => api.POST("/api/v1/quality/stars", { body: { month, agent_id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["review", "stars"] }),
  });
  const problem = name.error ? problemText(name.error, t) : null;
  const rows = found.data?.items ?? [];
  return (
    <section aria-label={t("stars.title")}>
      <Group mt="xl" mb="xs" gap="sm">
        <Title order={2} size="h5">
          {t("stars.title")}
        </Title>
        <NativeSelect
          size="xs"
          aria-label={t("stars.month")}
          value={month}
          data={all}
          onChange={(e) => set({ month: e.currentTarget.value })}
        />
      </Group>
      <Text size="sm" c="dimmed" mb="xs" className="prose">
        {t("stars.rule", { n: found.data?.least_calls ?? 10 })}
      </Text>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && rows.length === 0 && (
        <Empty title={t("stars.empty")} hint={t("stars.empty_hint", { n: found.data.least_calls })} />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("stars.title")}
          rows={rows}
          rowKey={(s) => s.agent_id}
          columns={[
            { key: "agent", label: t("filter.agent"), cell: (s) => s.agent_name },
            { key: "figure", label: t("stars.figure"), figure: true, cell: (s) => s.figure.toFixed(1) },
            { key: "score", label: t("quality.total"), figure: true, cell: (s) => percent(s.score, 1) },
            { key: "calls", label: t("stars.calls"), figure: true, cell: (s) => s.calls },
            { key: "violations", label: t("violations.count"), figure: true, cell: (s) => s.violations },
            {
              key: "csat",
              label: t("surveys.satisfaction"),
              figure: true,
              cell: (s) => (s.csat === null ? "–" : `${s.csat.toFixed(2)}（${s.responses}）`),
            },
            {
              key: "reasons",
              label: t("stars.reasons"),
              cell: (s) => s.reasons.map((r) => t(`stars.reason.${r}`)).join("、"),
            },
            {
              key: "named",
              label: t("stars.named"),
              cell: (s) =>
                s.named_by ? (
                  <Group gap={4} wrap="nowrap">
                    <IconAward size={16} color="var(--mantine-color-yellow-text)" aria-hidden />{" "}
                    {t("stars.by", { name: s.named_by })}
                  </Group>
                ) : (
                  s.agent_id !== me.id && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      loading={name.isPending}
                      onClick={() => name.mutate(s.agent_id)}
                    >
                      {t("stars.name")}
                    </Button>
                  )
                ),
            },
          ]}
        />
      )}
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </section>
  );
}
