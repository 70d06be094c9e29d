import { Anchor, Grid, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Loading } from "../../components/States";
import { dateTime, timeSeconds } from "../../lib/format";
import { CallPath } from "../flows/CallPath";
import { Player } from "../recordings/Player";
import { Summary } from "./Summary";
import { Timeline } from "./Timeline";

const liveRefresh = 3000;

export default function CallPage() {
  const { t, i18n } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const call = useQuery({
    queryKey: ["calls", "one", id],
    queryFn: () => got(api.GET("/api/v1/calls/{id}", { params: { path: { id } } })),
    refetchInterval: (q) => (q.state.data && !q.state.data.ended_at ? liveRefresh : false),
  });
  const title = call.data ? t("calls.title", { at: dateTime(call.data.arrived_at, i18n.language) }) : t("nav.calls");
  return (
    <>
      <PageTitle title={title}>
        <Anchor size="sm" renderRoot={(p) => <Link to="/calls" {...p} />}>
          {t("calls.back")}
        </Anchor>
      </PageTitle>
      {call.isPending && <Loading />}
      {call.isError && !call.data && <Broken error={call.error} retry={() => void call.refetch()} />}
      {call.data && <Detail call={call.data} />}
    </>
  );
}

function Detail({ call }: { call: Schemas["CallDetail"] }) {
  const { t } = useTranslation();
  const hears = can(useMe(), "recordings");
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack>
          <Section title={t("calls.summary")}>
            <Summary call={call} />
          </Section>
          <Section title={t("calls.survey")}>
            <Answers call={call} />
          </Section>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack>
          {hears && (
            <Section title={t("nav.recordings")}>
              <Recordings call={call} />
            </Section>
          )}
          <Section title={t("flows.path.title")}>
            <CallPath call={call.id} live={!call.ended_at} />
          </Section>
          <Section title={t("calls.timeline")}>
            <Timeline call={call} />
          </Section>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function Answers({ call }: { call: Schemas["CallDetail"] }) {
  const { t } = useTranslation();
  if (!call.survey?.length) {
    return (
      <Text size="sm" c="dimmed">
        {t(call.answered_at ? "calls.survey_none" : "calls.survey_not_asked")}
      </Text>
    );
  }
  return (
    <dl className="facts">
      {call.survey.map((a) => (
        <div key={a.survey + a.question}>
          <dt>{t(`surveys.${a.question}`, { defaultValue: a.question })}</dt>
          <dd>
            <strong>{a.value}</strong> {t(`surveys.scale.${a.question}`, { defaultValue: "" })}
            <Text span size="sm" c="dimmed" ml="xs">
              {timeSeconds(a.at)}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Recordings({ call }: { call: Schemas["CallDetail"] }) {
  const { t } = useTranslation();
  if (!call.recordings?.length) {
    const why = call.answered_at ? "calls.recording_none" : "calls.recording_no_talk";
    return (
      <Text size="sm" c="dimmed">
        {t(why)}
      </Text>
    );
  }
  return (
    <Stack>
      {call.recordings.map((r, i) => (
        <Player key={r.leg} recording={r} keys={i === 0} />
      ))}
    </Stack>
  );
}
