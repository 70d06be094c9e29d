import { Text } from "@mantine/core";
import { IconAlertTriangle, IconClock, IconHeadset, IconSettings, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { duration, phone, timeSeconds } from "../../lib/format";
import { useNames } from "../shared/lists";
import { secondsSince } from "../shared/now";
import { type Moment, moments, momentsOfCall } from "./events";
import "./calls.css";

const signs: Record<Moment["tone"], { icon: typeof IconUser; color: string }> = {
  caller: { icon: IconUser, color: "blue" },
  agent: { icon: IconHeadset, color: "violet" },
  wait: { icon: IconClock, color: "yellow" },
  system: { icon: IconSettings, color: "gray" },
  trouble: { icon: IconAlertTriangle, color: "red" },
};

const liveRefresh = 3000;

/** What happened in a call, in order and in words, with the time since it began. */
export function Timeline({ call }: { call: Schemas["Call"] }) {
  const { t } = useTranslation();
  const events = useQuery({
    queryKey: ["calls", "events", call.id],
    queryFn: () => got(api.GET("/api/v1/calls/{id}/events", { params: { path: { id: call.id } } })),
    refetchInterval: call.ended_at ? false : liveRefresh,
  });
  if (events.isPending) return <Loading />;
  if (events.isError && !events.data) return <Broken error={events.error} retry={() => void events.refetch()} />;
  const full = moments(events.data.items ?? [], call.id);
  const lines = full.length > 0 ? full : momentsOfCall(call);
  return (
    <>
      {full.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          {t("calls.events_not_kept")}
        </Text>
      )}
      <ol className="moments">
        {lines.map((m, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows at its end
          <Line key={i} moment={m} start={call.arrived_at} />
        ))}
      </ol>
    </>
  );
}

function Line({ moment: m, start }: { moment: Moment; start: string }) {
  const { t } = useTranslation();
  const names = useNames();
  const sign = signs[m.tone];
  const words = t(`calls.event.${m.key}`, {
    agent: m.agent ? names.agent(m.agent) : t("calls.event.agent"),
    queue: m.queue ? names.queue(m.queue) : "",
    disposition: m.disposition ? names.disposition(m.disposition) : "",
    question: m.question ? t(`surveys.${m.question}`, { defaultValue: m.question }) : "",
    value: m.key.startsWith("arrived") ? phone(String(m.value ?? "")) : m.value,
  });
  return (
    <li>
      <span>{timeSeconds(m.at)}</span>
      <span className="after">+{duration(secondsSince(start, Date.parse(m.at)))}</span>
      <sign.icon size={16} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      <span>{words}</span>
    </li>
  );
}
