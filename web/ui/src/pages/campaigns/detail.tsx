import { Alert, Anchor, Grid, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconPhoneOutgoing } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Loading } from "../../components/States";
import { count, dateTime, percent } from "../../lib/format";
import { Definition } from "../shared/Definition";
import { Actions } from "./Actions";
import { CampaignAnswers } from "./Answers";
import { Contacts } from "./Contacts";
import { type Campaign, campaignQuery, optionsQuery, rate } from "./campaigns";
import { Results } from "./Results";
import { StateBadge } from "./State";
import "./campaigns.css";

/** One campaign: what it is, what came of it, and everybody on its list. */
export default function CampaignPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, isPending, error, refetch } = useQuery(campaignQuery(id));
  return (
    <>
      <Anchor size="sm" renderRoot={(p) => <Link to="/campaigns" {...p} />}>
        {t("campaigns.back")}
      </Anchor>
      {isPending && <Loading />}
      {error && !data && <Broken error={error} retry={() => void refetch()} />}
      {data && (
        <>
          <PageTitle title={data.name}>
            <Actions campaign={data} />
          </PageTitle>
          <Stack>
            <Now campaign={data} />
            <Facts campaign={data} />
            <Grid columns={24} gap="md">
              <Grid.Col span={{ base: 24, lg: data.answered > 0 ? 15 : 24 }}>
                <Results campaign={data} />
              </Grid.Col>
              {data.answered > 0 && (
                <Grid.Col span={{ base: 24, lg: 9 }}>
                  <CampaignAnswers campaign={data} />
                </Grid.Col>
              )}
            </Grid>
            <Erased campaign={data} />
            <Contacts campaign={data} />
          </Stack>
        </>
      )}
    </>
  );
}

/** What it does at this moment. */
function Now({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const { data } = useQuery(optionsQuery);
  if (c.way !== "outbound") return null;
  if (data && !data.calls && c.state !== "finished")
    return (
      <Alert color="yellow" variant="light" p="xs" icon={<IconInfoCircle aria-hidden />}>
        {t("campaigns.now.no_calls")}
      </Alert>
    );
  if (c.trouble)
    return (
      <Alert color="red" variant="light" p="xs" icon={<IconInfoCircle aria-hidden />} role="alert">
        {t(`campaigns.trouble.${c.trouble}`)}
      </Alert>
    );
  if (c.state !== "running") return null;
  return (
    <Alert
      color={c.open ? "green" : "yellow"}
      variant="light"
      p="xs"
      icon={<IconPhoneOutgoing aria-hidden />}
      role="status"
    >
      {c.open ? t("campaigns.now.calling", { n: c.counts.dialling ?? 0 }) : t("campaigns.now.closed")}
    </Alert>
  );
}

/** Since when nobody can be told who was on the list. */
function Erased({ campaign: c }: { campaign: Campaign }) {
  const { t, i18n } = useTranslation();
  if (!c.erased_at) return null;
  return (
    <Alert color="gray" variant="light" p="xs" icon={<IconInfoCircle aria-hidden />}>
      {t("campaigns.erased", { at: dateTime(c.erased_at, i18n.language) })}
    </Alert>
  );
}

function Facts({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const figure = (key: string, value: string, hint?: string) => (
    <div className="campaign-figure">
      <Text size="xs" c="dimmed" component="dt">
        {hint ? <Definition text={hint}>{t(`campaigns.col.${key}`)}</Definition> : t(`campaigns.col.${key}`)}
      </Text>
      <Text component="dd" fw={650} size="lg" className="figure">
        {value}
      </Text>
    </div>
  );
  const fact = (key: string, value: string) =>
    value && (
      <>
        <dt>{t(`campaigns.col.${key}`)}</dt>
        <dd>{value}</dd>
      </>
    );
  return (
    <>
      <Group gap="xs">
        <StateBadge state={c.state} />
        <Text size="sm">
          {t(`campaigns.way.${c.way}`)} · {c.survey} · {c.from} – {c.to}
          {c.rest_days > 0 && ` · ${t("campaigns.rest", { days: c.rest_days })}`}
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 4 }} component="dl" m={0}>
        {figure("contacts", count(c.contacts))}
        {figure("reached", count(c.reached), t("campaigns.col_hint.reached"))}
        {figure("answered", count(c.answered), t("campaigns.col_hint.answered"))}
        {figure("rate", percent(rate(c), 1) || "–", t("campaigns.col_hint.rate"))}
      </SimpleGrid>
      {(c.audience || c.list_rule) && (
        <dl className="campaign-facts">
          {fact("audience", c.audience)}
          {fact("list_rule", c.list_rule)}
        </dl>
      )}
    </>
  );
}
