import { Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { ruleName, rulesQuery } from "./names";
import { LooksFor, Measured, RuleTabs, RuleTitle } from "./parts";
import "./rules.css";

type Rule = Schemas["MeasuredRule"];

const groups: { key: string; kinds: string[] }[] = [
  { key: "said", kinds: ["said"] },
  { key: "must", kinds: ["must"] },
  { key: "measured", kinds: ["interruption", "silence", "hold", "talk_ratio", "pace", "loudness"] },
  { key: "digits", kinds: ["card", "id"] },
];

/** The live rules, as everybody may read them, with how often each is right. */
export default function RulesPage() {
  const { t, i18n } = useTranslation();
  const found = useQuery(rulesQuery);
  const [wanted, setWanted] = useState("");
  const rules = found.data?.rules ?? [];
  const matches = (r: Rule) =>
    [r.id, ruleName(r, t), r.say, ...(r.phrases ?? []), ...(r.forms ?? [])].some((x) =>
      x?.toLowerCase().includes(wanted.trim().toLowerCase()),
    );
  const shown = rules.filter(matches);
  return (
    <>
      <PageTitle titleKey="rules.title">
        <RuleTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <>
          <Text size="sm" c="dimmed" className="prose" mb="xs">
            {t("rules.about", {
              version: found.data.version,
              at: dateTime(found.data.live_at, i18n.language),
              n: rules.length,
            })}
            {found.data.note && `　${found.data.note}`}
          </Text>
          <TextInput
            type="search"
            size="xs"
            maw={280}
            mb="sm"
            aria-label={t("rules.find")}
            placeholder={t("rules.find")}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={wanted}
            onChange={(e) => setWanted(e.currentTarget.value)}
          />
          {shown.length === 0 && <Empty title={t("rules.none")} hint={t("rules.none_hint")} />}
          {groups.map((g) => (
            <Group key={g.key} title={t(`rules.kind.${g.key}`)} rules={shown.filter((r) => g.kinds.includes(r.kind))} />
          ))}
        </>
      )}
    </>
  );
}

function Group({ title, rules }: { title: string; rules: Rule[] }) {
  const { t } = useTranslation();
  const { data } = useQuery(rulesQuery);
  const name = (id: string) => {
    const r = data?.rules.find((x) => x.id === id);
    return r ? ruleName(r, t) : id;
  };
  if (rules.length === 0) return null;
  const phrases = rules.some((r) => r.phrases?.length);
  const columns: Column<Rule>[] = [
    { key: "rule", label: t("rules.rule"), cell: (r) => <RuleTitle rule={r} /> },
    { key: "looks", label: t("rules.looks_for"), cell: (r) => <LooksFor rule={r} name={name} /> },
    {
      key: "bound",
      label: <Definition text={t("rules.bound_explained")}>{t("rules.tolerance")}</Definition>,
      cell: (r) => (r.bound === 0 ? t("rules.exact_only") : t("rules.bound", { n: r.bound })),
    },
    { key: "say", label: t("rules.say"), cell: (r) => <div className="say">{r.say || "–"}</div> },
    {
      key: "precision",
      label: <Definition text={t("rules.measure.explained")}>{t("rules.precision")}</Definition>,
      cell: (r) => <Measured precision={r.precision} />,
      sort: (r) => r.precision.all.share ?? -1,
    },
  ];
  return (
    <section aria-label={title}>
      <Title order={2} size="h5" mt="md" mb={4}>
        {title}
      </Title>
      <DataTable
        label={title}
        rows={rules}
        rowKey={(r) => r.id}
        columns={phrases ? columns : columns.filter((c) => c.key !== "bound" && c.key !== "say")}
      />
    </section>
  );
}
