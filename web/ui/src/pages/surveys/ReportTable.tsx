import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { count, date, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import type { Names } from "../shared/lists";
import { Band } from "./Band";

type Group = Schemas["Group"];
type Result = Schemas["Result"];
export type By = "queue" | "agent" | "day";

export function groupName(key: string, by: By, names: Names, t: (k: string) => string, lang: string): string {
  if (key === "") return t(`surveys.without.${by}`);
  if (by === "day") return date(`${key}T12:00:00+08:00`, lang);
  return by === "queue" ? names.queue(key) : names.agent(key);
}

/** Share of the answered calls whose callers answered, 0 to 100. */
export function responseRate(r: Result): number {
  return r.calls > 0 ? (100 * r.responses) / r.calls : 0;
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
  const columns: Column<Group>[] = [
    {
      key: "group",
      label: t(`surveys.by.${props.by}`),
      cell: (g) => props.name(g.key),
      sort: (g) => props.name(g.key),
    },
    figure("calls", (r) => count(r.calls)),
    figure("responses", (r) => t("surveys.share", { n: count(r.responses), share: percent(responseRate(r)) })),
    figure("average", (r) => (r.csat.count ? r.csat.average.toFixed(2) : "–")),
    figure("satisfied", (r) => (r.csat.count ? percent(r.csat.percent, 1) : "–")),
    figure("nps", (r) => (r.nps.count ? score(r.nps.score) : "–")),
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
      rows={props.by === "day" ? props.groups.toReversed() : props.groups}
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
