import { Progress, Table, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { count, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { type Campaign, type Result, resultsOf } from "./campaigns";

const colors: Partial<Record<Result, string>> = {
  complete: "green",
  partial: "teal",
  waiting: "gray",
  dialling: "blue",
  sent: "blue",
};

/** How many people are in which state; the last line is their sum, which is the list. */
export function Results({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const n = (r: Result) => c.counts[r] ?? 0;
  const share = (r: Result) => (c.contacts > 0 ? (100 * n(r)) / c.contacts : 0);
  const rows = resultsOf(c).map((r) => ({ r }));
  const columns: Column<{ r: Result }>[] = [
    {
      key: "result",
      label: t("campaigns.results"),
      cell: ({ r }) => <Definition text={t(`campaigns.result_hint.${r}`)}>{t(`campaigns.result.${r}`)}</Definition>,
    },
    { key: "people", label: t("campaigns.people"), cell: ({ r }) => count(n(r)), figure: true },
    { key: "share", label: t("campaigns.share"), cell: ({ r }) => percent(share(r), 1), figure: true },
    {
      key: "bar",
      label: "",
      cell: ({ r }) => (
        <Progress className="campaign-bar" value={share(r)} color={colors[r] ?? "orange"} aria-hidden size="sm" />
      ),
    },
  ];
  return (
    <section aria-label={t("campaigns.results")}>
      <Title order={2} size="h5" mb={4}>
        {t("campaigns.results")}
      </Title>
      <DataTable
        label={t("campaigns.results")}
        columns={columns}
        rows={rows}
        rowKey={({ r }) => r}
        foot={
          <Table.Tr data-testid="campaign-sum">
            <Table.Th scope="row">{t("campaigns.sum")}</Table.Th>
            <Table.Td className="figure">{count(rows.reduce((sum, { r }) => sum + n(r), 0))}</Table.Td>
            <Table.Td colSpan={2} />
          </Table.Tr>
        }
      />
    </section>
  );
}
