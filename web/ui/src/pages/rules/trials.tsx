import { Anchor, Button, Group, NativeSelect, NumberInput, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { named } from "../../i18n";
import { date, dateTime } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { useNames } from "../shared/lists";
import { ruleName, useRuleNames } from "./names";
import { RuleTabs } from "./parts";
import { goesOn, type Trial, TrialState, useTried } from "./State";

const refresh = 1500;

/** Trials of drafts on past calls, and the way to begin one. */
export default function TrialsPage() {
  const { t } = useTranslation();
  const may = can(useMe(), "rules");
  const found = useQuery({
    queryKey: ["rules", "trials"],
    queryFn: () => got(api.GET("/api/v1/rules/trials")),
    refetchInterval: (q) => (q.state.data?.items.some(goesOn) ? refresh : false),
  });
  return (
    <>
      <PageTitle titleKey="rules.title">
        <RuleTabs />
      </PageTitle>
      <Text size="sm" c="dimmed" mb="sm" className="prose">
        {t("rules.trial.explained")}
      </Text>
      {may && <Begin />}
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data?.items.length === 0 && <Empty title={t("rules.trial.empty")} hint={t("rules.trial.empty_hint")} />}
      {found.data && found.data.items.length > 0 && <Trials trials={found.data.items} />}
    </>
  );
}

function Begin() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = useNames();
  const { rules } = useRuleNames();
  const versions = useQuery({ queryKey: ["rules", "versions"], queryFn: () => got(api.GET("/api/v1/rules/versions")) });
  const draft = versions.data?.items.find((v) => v.state === "draft");
  // The draft may have rules that the live book does not have.
  const checked = useQuery({
    queryKey: ["rules", "check", draft?.yaml],
    queryFn: () => got(api.POST("/api/v1/rules/check", { body: { yaml: draft?.yaml ?? "" } })),
    enabled: draft !== undefined,
    staleTime: 60_000,
  });
  const [most, setMost] = useState(500);
  const [days, setDays] = useState(30);
  const [queue, setQueue] = useState("");
  const [rule, setRule] = useState("");
  const start = useMutation({
    mutationFn: () => got(api.POST("/api/v1/rules/trials", { body: { most, days, queue, rule } })),
    onSuccess: (x) => {
      void client.invalidateQueries({ queryKey: ["rules", "trials"] });
      void navigate({ to: "/rules/trials/$id", params: { id: String(x.id) } });
    },
  });
  const problem = start.error ? problemText(start.error, t) : null;
  if (versions.isPending) return <Loading />;
  if (!draft)
    return (
      <Empty
        title={t("rules.trial.no_draft")}
        hint={t("rules.trial.no_draft_hint")}
        action={
          <Anchor size="sm" renderRoot={(p) => <Link to="/rules/edit" {...p} />}>
            {t("rules.tab.edit")}
          </Anchor>
        }
      />
    );
  const choices = checked.data?.rules.length ? checked.data.rules : rules;
  return (
    <Group gap="xs" align="flex-end" mb="md">
      <NumberInput
        size="xs"
        w={110}
        label={t("rules.trial.most")}
        min={1}
        max={5000}
        value={most}
        onChange={(v) => setMost(Math.min(5000, Math.max(1, Number(v) || 1)))}
      />
      <NumberInput
        size="xs"
        w={150}
        label={t("rules.trial.days")}
        min={0}
        max={3650}
        value={days}
        onChange={(v) => setDays(Math.min(3650, Math.max(0, Number(v) || 0)))}
      />
      <NativeSelect
        size="xs"
        label={t("filter.queue")}
        value={queue}
        data={[
          { value: "", label: t("rules.trial.every") },
          ...(names.data?.queues ?? []).map((q) => ({ value: q.id, label: named(q) })),
        ]}
        onChange={(e) => setQueue(e.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        maw={220}
        label={t("rules.trial.one")}
        value={rule}
        data={[
          { value: "", label: t("rules.trial.every") },
          ...choices.map((r) => ({ value: r.id, label: ruleName(r, t) })),
        ]}
        onChange={(e) => setRule(e.currentTarget.value)}
      />
      <Button size="xs" loading={start.isPending} onClick={() => start.mutate()} data-testid="start-trial">
        {t("rules.trial.start")}
      </Button>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </Group>
  );
}

function Trials({ trials }: { trials: Trial[] }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const rule = useRuleNames();
  const tried = useTried();
  const columns: Column<Trial>[] = [
    {
      key: "begun",
      label: t("rules.trial.begun"),
      cell: (x) => (
        <Anchor size="sm" renderRoot={(p) => <Link to="/rules/trials/$id" params={{ id: String(x.id) }} {...p} />}>
          {dateTime(x.created_at, i18n.language)}
        </Anchor>
      ),
    },
    { key: "by", label: t("rules.trial.by"), cell: (x) => x.name },
    { key: "calls", label: t("rules.trial.calls"), cell: (x) => <TrialState trial={x} /> },
    {
      key: "scope",
      label: t("rules.trial.scope"),
      cell: (x) =>
        [
          x.rule && rule.name(x.rule),
          x.queue_id && names.queue(x.queue_id),
          x.since && `${date(x.since, i18n.language)} –`,
        ]
          .filter(Boolean)
          .join("　") || t("rules.trial.every"),
    },
    { key: "draft", label: t("rules.edit.draft"), cell: tried },
  ];
  return <DataTable label={t("rules.tab.trials")} rows={trials} rowKey={(x) => String(x.id)} columns={columns} opens />;
}
