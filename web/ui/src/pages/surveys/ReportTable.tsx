import { Table, Text } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { count, date, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import type { Names } from "../shared/lists";
import { Band } from "./Band";

type Group = Schemas["Group"];
type Result = Schemas["Result"];
export type By = "queue" | "agent" | "way" | "occasion" | "campaign" | "day" | "week" | "month";

export const overTime = (by: By) => by === "day" || by === "week" || by === "month";

/** Below so many answers a figure says little by itself. */
const few = 100;

export function groupName(key: string, by: By, names: Names, t: TFunction, lang: string): string {
  if (key === "") return t(`surveys.without.${by}`);
  switch (by) {
    case "day":
      return date(`${key}T12:00:00+08:00`, lang);
    case "week":
      return t("surveys.week_of", { day: key });
    case "queue":
      return names.queue(key);
    case "agent":
      return names.agent(key);
    case "way":
      return t(`surveys.way.${key}`);
    case "occasion":
      return t(`surveys.occasion.${key}`);
    default:
      return key;
  }
}

/** -12.5 as −12.5, and a plus where it is one. */
export function score(value: number): string {
  const text = Math.abs(value).toFixed(1);
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

/** Satisfaction and recommendation of each queue, agent or day, and of all. */
export function ReportTable(props: { groups: Group[]; total: Result; by: By; name: (key: string) => string }) {
  const { t } = useTranslation();
  const defined = (key: string) => (
    <Definition text={t(`surveys.definition.${key}`)}>{t(`surveys.figure.${key}`)}</Definition>
  );
  const figure = (key: string, cell: (r: Result) => React.ReactNode): Column<Group> => ({
    key,
    label: defined(key),
    figure: true,
    cell,
  });
  const sure = (text: string, count: number, i: Schemas["Interval"], show: (v: number) => string) => (
    <>
      {text}
      {count < few && (
        <Text size="xs" c="dimmed" title={t("surveys.few", { few })}>
          {t("surveys.interval", { low: show(i.low), high: show(i.high) })}
        </Text>
      )}
    </>
  );
  const columns: Column<Group>[] = [
    {
      key: "group",
      label: t(`surveys.by.${props.by}`),
      cell: (g) => props.name(g.key),
      sort: (g) => props.name(g.key),
    },
    figure("answered", (r) => (r.answered ? count(r.answered) : "–")),
    figure("offered", (r) =>
      r.answered ? t("surveys.share", { n: count(r.offered), share: percent(r.offered_share) }) : count(r.offered),
    ),
    figure("started", (r) => t("surveys.share", { n: count(r.started), share: percent(r.returned) })),
    figure("finished", (r) => count(r.finished)),
    figure("stopped", (r) => count(r.stopped)),
    figure("average", (r) =>
      r.csat.count ? sure(r.csat.average.toFixed(2), r.csat.count, r.csat.averages, (v) => v.toFixed(1)) : "–",
    ),
    figure("satisfied", (r) =>
      r.csat.count ? sure(percent(r.csat.percent, 1), r.csat.count, r.csat.percents, (v) => percent(v)) : "–",
    ),
    figure("nps", (r) =>
      r.nps.count
        ? sure(score(r.nps.score), r.nps.count, r.nps.scores, (v) => score(Math.round(v)).replace(".0", ""))
        : "–",
    ),
    { key: "band", label: defined("band"), cell: (r) => <Band band={r.nps.band} /> },
    figure("promoters", (r) => count(r.nps.promoters)),
    figure("passives", (r) => count(r.nps.passives)),
    figure("detractors", (r) => count(r.nps.detractors)),
  ];
  const total = { ...props.total, key: "total" };
  return (
    <DataTable
      label={t("surveys.table", { by: t(`surveys.by.${props.by}`) })}
      columns={columns}
      rows={overTime(props.by) ? props.groups.toReversed() : props.groups}
      rowKey={(g) => g.key}
      foot={
        <Table.Tr>
          <Table.Td>{t("surveys.total")}</Table.Td>
          {columns.slice(1).map((c) => (
            <Table.Td key={c.key} className={c.figure ? "figure" : undefined}>
              {c.cell(total)}
            </Table.Td>
          ))}
        </Table.Tr>
      }
    />
  );
}
