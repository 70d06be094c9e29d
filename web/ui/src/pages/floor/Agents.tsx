import { Box, Group, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Empty } from "../../components/States";
import { duration } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { useNames } from "../shared/lists";
import { type Agent, byNeed, type Seen, urgency } from "./attention";
import { NeedSign } from "./NeedSign";

/** Who is signed in, those first who need a look. */
export function Agents({ agents, now }: { agents: Agent[]; now: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const seen = byNeed(agents, now);
  const columns: Column<Seen>[] = [
    { key: "name", label: t("filter.agent"), cell: (s) => s.agent.name || s.agent.agent },
    { key: "state", label: t("floor.state_label"), cell: (s) => <NeedSign seen={s} /> },
    { key: "time", label: t("floor.since"), figure: true, cell: (s) => duration(s.seconds) },
    {
      key: "call",
      label: t("filter.queue"),
      cell: (s) => <span className="clip short">{s.agent.call ? names.queue(s.agent.call.queue) : "–"}</span>,
    },
    { key: "next", label: t("floor.next"), cell: (s) => <Next agent={s.agent} /> },
    { key: "team", label: t("floor.team"), cell: (s) => names.team(s.agent.team_id) || "–" },
  ];
  return (
    <Box component="section" aria-labelledby="agents">
      <Group mb="xs">
        <Title order={2} size="h5" id="agents">
          {t("floor.agents", { n: agents.length })}
        </Title>
      </Group>
      {seen.length === 0 ? (
        <Empty title={t("floor.nobody")} hint={t("floor.nobody_hint")} />
      ) : (
        <DataTable
          label={t("floor.agents", { n: agents.length })}
          columns={columns}
          rows={seen}
          rowKey={(s) => s.agent.agent}
          rowClass={(s) => (urgency(s.need) === 2 ? "look" : undefined)}
        />
      )}
    </Box>
  );
}

/** What the agent will be after the call, if asked for. */
function Next({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const names = useNames();
  if (!agent.next) return <>–</>;
  return <>{agent.next_reason ? names.reason(agent.next_reason) : t(`floor.need.${agent.next}`)}</>;
}
