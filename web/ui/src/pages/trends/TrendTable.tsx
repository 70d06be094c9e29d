import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { count, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { nameOf, type Report, series, signed, type Trend } from "./trend";

export function TrendTable({
  report,
  chosen,
  open,
}: {
  report: Report;
  chosen: string;
  open: (entry: string) => void;
}) {
  const { t } = useTranslation();
  const head = (figure: string) => (
    <Definition text={t(`trends.means.${figure}`)}>{t(`trends.figure.${figure}`)}</Definition>
  );
  const columns: Column<Trend>[] = [
    {
      key: "name",
      label: t("trends.name"),
      cell: (i) => (
        <Anchor
          component="button"
          type="button"
          size="sm"
          fw={i.entry === chosen ? 650 : undefined}
          aria-current={i.entry === chosen ? "true" : undefined}
          onClick={() => open(i.entry)}
        >
          {nameOf(i)}
        </Anchor>
      ),
    },
    { key: "calls", label: head("calls"), figure: true, cell: (i) => count(i.calls) },
    { key: "share", label: head("share"), figure: true, cell: (i) => percent(i.share, 1) },
    { key: "change", label: head("change"), figure: true, cell: (i) => signed(i.change, "%") },
    {
      key: "balance",
      label: head("balance"),
      figure: true,
      cell: (i) => (
        <span title={t("trends.opinions", { positive: i.positive, negative: i.negative })}>{signed(i.balance)}</span>
      ),
    },
    { key: "shape", label: t("trends.shape"), cell: (i) => <Spark report={report} trend={i} /> },
  ];
  return <DataTable label={t("nav.trends")} columns={columns} rows={report.items} rowKey={(i) => i.entry} opens />;
}

/** The share of each day, small; what it comes to is in the figures beside it. */
function Spark({ report, trend }: { report: Report; trend: Trend }) {
  const points = series(report, trend);
  const most = Math.max(1e-9, ...points.map((p) => p.share));
  const path = points
    .map(
      (p, i) =>
        `${i ? "L" : "M"}${(2 + (i * 76) / Math.max(1, points.length - 1)).toFixed(1)} ${(18 - (16 * p.share) / most).toFixed(1)}`,
    )
    .join("");
  return (
    <svg viewBox="0 0 80 20" width={80} height={20} aria-hidden>
      <path d={path} className="trend-line" />
    </svg>
  );
}
