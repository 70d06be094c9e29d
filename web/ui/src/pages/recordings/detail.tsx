import { Anchor, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Loading } from "../../components/States";
import { dateTime, phone } from "../../lib/format";
import { Erase } from "../keeping/Erase";
import { useNames } from "../shared/lists";
import { useFilters } from "../shared/search";
import { Player } from "./Player";
import { awaited } from "./State";

const expectedRefresh = 3000;

export default function RecordingPage() {
  const { t, i18n } = useTranslation();
  const { leg = "" } = useParams({ strict: false });
  const found = useQuery({
    queryKey: ["recordings", "one", leg],
    queryFn: () => got(api.GET("/api/v1/recordings/{leg}", { params: { path: { leg } } })),
    refetchInterval: (q) => (q.state.data && awaited(q.state.data.state) ? expectedRefresh : false),
  });
  const title = found.data
    ? t("recordings.title", { at: dateTime(found.data.started_at, i18n.language) })
    : t("nav.recordings");
  return (
    <>
      <PageTitle title={title}>
        <Anchor size="sm" renderRoot={(p) => <Link to="/recordings" {...p} />}>
          {t("recordings.back")}
        </Anchor>
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && !found.data && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Detail recording={found.data} />}
    </>
  );
}

function Detail({ recording: r }: { recording: Schemas["Recording"] }) {
  const { t } = useTranslation();
  const names = useNames();
  const [{ t: second }] = useFilters();
  const about = [
    r.customer_name,
    phone(r.caller),
    names.queue(r.queue_id),
    names.disposition(r.disposition),
    r.answers?.satisfaction !== undefined && `${t("surveys.satisfaction")} ${r.answers.satisfaction}`,
    r.answers?.recommendation !== undefined && `${t("surveys.recommendation")} ${r.answers.recommendation}`,
  ].filter(Boolean);
  return (
    <Stack>
      <Paper withBorder p="md">
        <Player recording={r} keys start={Number(second) || 0} />
      </Paper>
      <Group gap="lg">
        <Text size="sm">{about.join("　·　")}</Text>
        <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: r.call_id }} {...p} />}>
          {t("recordings.call")}
        </Anchor>
        <Erase recording={r} />
      </Group>
      <Text size="sm" c="dimmed">
        {t("player.keys")} {t("transcript.keys")}
      </Text>
    </Stack>
  );
}
