import { Badge, Switch, Text, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { useNames } from "../shared/lists";
import { useFilters } from "../shared/search";
import { Examples } from "./Examples";
import { ruleName } from "./names";
import { Measured, RuleTabs, RuleTitle } from "./parts";
import { goesOn, TrialState, useTried } from "./State";
import "./rules.css";

type Result = Schemas["TrialResult"];
type Row = Schemas["RuleResult"];

const refresh = 1000;

/** What a draft finds in past calls, rule by rule, against what the live rules find; with examples to judge. */
export default function TrialPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const found = useQuery({
    queryKey: ["rules", "trials", "one", id],
    queryFn: () => got(api.GET("/api/v1/rules/trials/{id}", { params: { path: { id: Number(id) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: (q) => (q.state.data && goesOn(q.state.data) ? refresh : false),
  });
  return (
    <>
      <PageTitle title={t("rules.trial.title", { n: id })}>
        <RuleTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Outcome result={found.data} />}
    </>
  );
}

const differs = (r: Row) => r.new.findings > 0 || r.gone.findings > 0;

function Outcome({ result }: { result: Result }) {
  const { t, i18n } = useTranslation();
  const [{ rule }, set] = useFilters();
  const [all, setAll] = useState(false);
  const names = useNames();
  const tried = useTried();
  const rows = result.rules.filter((r) => all || differs(r) || r.changed || result.rule !== "");
  const chosen = result.rules.find((r) => r.rule.id === rule) ?? rows.find(differs) ?? rows[0];
  const empty = result.state === "done" && result.total === 0;
  return (
    <>
      <TrialState trial={result} whole />
      <Text size="sm" c="dimmed" my="xs" className="prose">
        {[
          tried(result),
          t("rules.trial.against", { n: result.live }),
          result.queue_id && names.queue(result.queue_id),
          `${result.name} ${dateTime(result.created_at, i18n.language)}`,
        ]
          .filter(Boolean)
          .join("　·　")}
      </Text>
      {empty && <Empty title={t("rules.trial.no_calls")} hint={t("rules.trial.no_calls_hint")} />}
      {!empty && (
        <Switch
          size="xs"
          mb="xs"
          label={t("rules.trial.all_rules")}
          checked={all}
          onChange={(e) => setAll(e.currentTarget.checked)}
        />
      )}
      {!empty && rows.length === 0 && result.state === "done" && (
        <Empty title={t("rules.trial.no_difference")} hint={t("rules.trial.no_difference_hint")} />
      )}
      {!empty && rows.length > 0 && (
        <Rules rows={rows} chosen={chosen?.rule.id ?? ""} choose={(r) => set({ rule: r, side: undefined })} />
      )}
      {chosen && !empty && !chosen.untried && (
        <Examples key={chosen.rule.id} trial={result} row={chosen} name={ruleName(chosen.rule, t)} />
      )}
    </>
  );
}

function Rules({ rows, chosen, choose }: { rows: Row[]; chosen: string; choose: (rule: string) => void }) {
  const { t } = useTranslation();
  const hits = (side: "new" | "gone" | "same"): Column<Row> => ({
    key: side,
    label: <Definition text={t(`rules.trial.definition.${side}`)}>{t(`rules.trial.${side}`)}</Definition>,
    figure: true,
    sort: (r) => r[side].findings,
    cell: (r) =>
      r.untried || r[side].findings === 0 ? (
        "–"
      ) : (
        <span data-testid={`${side}-${r.rule.id}`}>
          {t("rules.trial.hits", { findings: r[side].findings, calls: r[side].calls })}
          {r[side].up + r[side].down > 0 && (
            <Text size="xs" c="dimmed">
              {t("rules.trial.seen", { up: r[side].up, down: r[side].down })}
            </Text>
          )}
        </span>
      ),
  });
  const columns: Column<Row>[] = [
    {
      key: "rule",
      label: t("rules.rule"),
      cell: (r) => (
        <UnstyledButton
          onClick={() => choose(r.rule.id)}
          aria-pressed={chosen === r.rule.id}
          data-testid={`rule-${r.rule.id}`}
        >
          <RuleTitle rule={r.rule}>
            <Sign row={r} />
          </RuleTitle>
        </UnstyledButton>
      ),
    },
    hits("new"),
    hits("gone"),
    hits("same"),
    {
      key: "draft",
      label: <Definition text={t("rules.trial.definition.draft")}>{t("rules.trial.draft_precision")}</Definition>,
      cell: (r) => (r.in === "live" ? "–" : <Measured precision={r.draft} />),
    },
    {
      key: "live",
      label: <Definition text={t("rules.trial.definition.live")}>{t("rules.trial.live_precision")}</Definition>,
      cell: (r) => (r.in === "draft" ? "–" : <Measured precision={r.live} />),
    },
  ];
  return (
    <DataTable
      label={t("rules.tab.trials")}
      rows={rows}
      rowKey={(r) => r.rule.id}
      columns={columns}
      rowClass={(r) => (r.rule.id === chosen ? "chosen" : undefined)}
      opens
    />
  );
}

function Sign({ row: r }: { row: Row }) {
  const { t } = useTranslation();
  const signs = [
    r.in === "draft" && t("rules.trial.only_draft"),
    r.in === "live" && t("rules.trial.only_live"),
    r.in === "both" && r.changed && t("rules.trial.changed"),
    r.untried && t("rules.trial.untried"),
  ].filter((s): s is string => Boolean(s));
  return signs.map((s) => (
    <Badge key={s} variant="default" size="sm" tt="none" miw="fit-content">
      {s}
    </Badge>
  ));
}
