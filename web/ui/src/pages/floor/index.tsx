import { Alert, Button, Grid, Group, Stack, Text, Title } from "@mantine/core";
import { IconMaximize, IconMinimize, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Loading } from "../../components/States";
import { timeSeconds } from "../../lib/format";
import { useNow } from "../shared/now";
import { useFilters } from "../shared/search";
import { Agents } from "./Agents";
import { Figures } from "./Figures";
import "./floor.css";
import { useFloor } from "./live";
import { WaitingList } from "./WaitingList";
import { Wall } from "./Wall";

export default function FloorPage() {
  const { t } = useTranslation();
  const [{ wall }, set] = useFilters();
  const { floor, live, error, retry, ahead } = useFloor();
  const onWall = wall === "1";
  return (
    <div className={onWall ? "wall-screen" : undefined}>
      <PageTitle titleKey="nav.floor">
        {floor && (
          <Text size="sm" c="dimmed">
            {t(live ? "floor.live" : "floor.polled", { at: timeSeconds(floor.at) })}
          </Text>
        )}
        <Button
          size="xs"
          variant="default"
          leftSection={onWall ? <IconMinimize size={14} aria-hidden /> : <IconMaximize size={14} aria-hidden />}
          onClick={() => set({ wall: onWall ? undefined : "1" })}
        >
          {t(onWall ? "floor.wall_off" : "floor.wall_on")}
        </Button>
      </PageTitle>
      {floor && error && (
        <Alert color="red" mb="md" icon={<IconPlugConnectedX aria-hidden />} title={t("floor.old")} role="alert">
          {t("floor.old_hint", { at: timeSeconds(floor.at) })}
        </Alert>
      )}
      {!floor && error && <Broken error={error} retry={retry} />}
      {!floor && !error && <Loading />}
      {floor && <Floor floor={floor} ahead={ahead} wall={onWall} />}
    </div>
  );
}

function Floor({ floor, ahead, wall }: { floor: Schemas["FloorView"]; ahead: number; wall: boolean }) {
  const now = useNow(ahead);
  const { t } = useTranslation();
  const queues = floor.queues ?? [];
  const agents = floor.agents ?? [];
  if (wall) return <Wall queues={queues} agents={agents} now={now} />;
  return (
    <Grid gap="md" columns={24}>
      <Grid.Col span={{ base: 24, md: 11 }}>
        <Stack gap="lg">
          <section aria-labelledby="waiting">
            <Group justify="space-between" mb="xs">
              <Title order={2} size="h5" id="waiting">
                {t("floor.waiting")}
              </Title>
              <Text size="sm" c="dimmed">
                {t("floor.calls", { n: floor.calls })}
              </Text>
            </Group>
            <WaitingList queues={queues} now={now} />
          </section>
          <Figures queues={queues} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 24, md: 13 }}>
        <Agents agents={agents} now={now} />
      </Grid.Col>
    </Grid>
  );
}
