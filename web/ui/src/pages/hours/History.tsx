import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { dayName, hoursText } from "./hours";

type Detail = {
  hours?: unknown;
  day?: { date: string; name_zh: string; name_en: string; hours: string[] };
  day_removed?: string;
  emergency?: false | { say_zh: string; say_en: string };
  imported?: number;
  removed?: boolean;
};

/** A change in words. */
function changeText(d: Detail, t: TFunction): string {
  if (d.day) {
    const hours = hoursText(d.day.hours) || t("hours.closed_all_day");
    return t("hours.history.day", { date: d.day.date, name: dayName(d.day), hours });
  }
  if (d.day_removed) return t("hours.history.day_removed", { date: d.day_removed });
  if (d.emergency === false) return t("hours.history.off");
  if (d.emergency) {
    const say = d.emergency.say_zh || d.emergency.say_en;
    return say ? t("hours.history.on_said", { say }) : t("hours.history.on");
  }
  if (d.imported) return t("hours.history.imported", { year: d.imported });
  return t(d.removed ? "hours.history.removed" : "hours.history.hours");
}

/** Who changed what, the newest first. */
export function History({ name }: { name: string }) {
  const { t, i18n } = useTranslation();
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ["hours", "history", name],
    queryFn: () => got(api.GET("/api/v1/calendars/{name}/history", { params: { path: { name } } })),
  });
  if (isPending) return <Loading />;
  if (error) return <Broken error={error} retry={() => void refetch()} />;
  const rows = data?.items ?? [];
  if (rows.length === 0) return <Empty title={t("hours.history.empty")} />;
  return (
    <Table verticalSpacing={4} maw={900} data-testid="hours-history">
      <Table.Thead>
        <Table.Tr>
          {(["at", "who", "what"] as const).map((c) => (
            <Table.Th key={c}>{t(`hours.history.${c}`)}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((r) => (
          <Table.Tr key={`${r.at} ${JSON.stringify(r.detail)}`}>
            <Table.Td>{dateTime(r.at, i18n.language)}</Table.Td>
            <Table.Td>{r.user_name}</Table.Td>
            <Table.Td>
              <Text size="sm">{changeText(r.detail as Detail, t)}</Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
