import { Anchor, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { Broken, Loading } from "../../components/States";
import { count, percent } from "../../lib/format";
import { Definition } from "../shared/Definition";
import { Band } from "../surveys/Band";
import { Charts } from "../surveys/Charts";
import { score } from "../surveys/ReportTable";
import type { Campaign } from "./campaigns";

/** What people answered to a campaign, until now: links are answered also after its last day. */
export function CampaignAnswers({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const me = useMe();
  const shown = can(me, "surveys") && c.answered > 0;
  const query = { survey: c.survey, campaign: c.id, way: c.way, from: `${c.from}T00:00:00+08:00`, by: "way" as const };
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ["campaigns", "answers", c.id, c.answered],
    queryFn: () => got(api.GET("/api/v1/surveys", { params: { query } })),
    enabled: shown,
  });
  if (!shown) return null;
  return (
    <section aria-label={t("campaigns.answers")} data-testid="campaign-answers">
      <Group justify="space-between" align="baseline" mb={4}>
        <Title order={2} size="h5">
          {t("campaigns.answers")}
        </Title>
        <Anchor
          size="sm"
          renderRoot={(p) => (
            <Link
              to="/surveys"
              search={{ by: "campaign", survey: c.survey, way: c.way, period: "custom", from: c.from }}
              {...p}
            />
          )}
        >
          {t("campaigns.compare")}
        </Anchor>
      </Group>
      {isPending && <Loading />}
      {error && !data && <Broken error={error} retry={() => void refetch()} />}
      {data && (
        <>
          <Figures total={data.total} />
          <Charts groups={[]} total={data.total} questions={data.questions} by="way" />
        </>
      )}
    </section>
  );
}

function Figures({ total }: { total: Schemas["Result"] }) {
  const { t } = useTranslation();
  const { csat, nps } = total;
  const figure = (key: string, value: React.ReactNode, people: number) => (
    <div className="campaign-figure">
      <Text size="xs" c="dimmed" component="dt">
        <Definition text={t(`surveys.definition.${key}`)}>{t(`surveys.figure.${key}`)}</Definition>
      </Text>
      <Text component="dd" fw={650} className="figure">
        {people > 0 ? value : "–"}
      </Text>
      <Text component="dd" size="xs" c="dimmed">
        {t("campaigns.of_answers", { n: count(people) })}
      </Text>
    </div>
  );
  return (
    <SimpleGrid cols={{ base: 2, xs: 4, lg: 2 }} component="dl" m={0} mb="sm">
      {figure("average", csat.average.toFixed(2), csat.count)}
      {figure("satisfied", percent(csat.percent, 1), csat.count)}
      {figure("nps", score(nps.score), nps.count)}
      {figure("band", <Band band={nps.band} />, nps.count)}
    </SimpleGrid>
  );
}
