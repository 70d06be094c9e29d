import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Empty, Loading } from "../../components/States";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import { PeriodPick } from "../shared/FilterBar";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { readFlow } from "./graph";
import { Picture } from "./Picture";
import { useText, type Version } from "./Versions";

type Row = Schemas["StepCount"];

/** How many came by each step in a period, and where they hung up. */
export function Counts({ name, versions }: { name: string; versions: Version[] }) {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const [opened] = useState(Date.now);
  const range = rangeOf(filters, "week", opened);
  const counts = useQuery({
    queryKey: ["flows", "counts", name, range],
    queryFn: () => got(api.GET("/api/v1/flows/flow/{name}/counts", { params: { path: { name }, query: range } })),
  });
  const text = useText(
    { kind: "flow", name },
    versions.find((v) => v.state === "live"),
  );
  const rows = counts.data?.items ?? [];
  const flow = useMemo(() => readFlow(text.data?.yaml ?? ""), [text.data]);
  const figures = useMemo(
    () =>
      Object.fromEntries(
        rows.map((r) => [r.step, t("flows.counts.at_step", { calls: r.calls, dropped: r.dropped })] as const),
      ),
    [rows, t],
  );
  return (
    <>
      <Group gap="xs" mb="xs" align="flex-end">
        <PeriodPick filters={filters} set={set} usual="week" />
        <Text size="xs" c="dimmed" className="prose">
          {t("flows.counts.explained")}
        </Text>
      </Group>
      {counts.isPending && <Loading />}
      {counts.isError && <Broken error={counts.error} retry={() => void counts.refetch()} />}
      {counts.data && rows.length === 0 && (
        <Empty title={t("flows.counts.empty")} hint={t("flows.counts.empty_hint")} />
      )}
      {rows.length > 0 && (
        <div className="flow-bench">
          <section aria-label={t("flows.picture")}>
            {text.data && (
              <Picture flow={flow} chosen={null} trail={none} figures={figures} choose={nothing} name={name} fixed />
            )}
          </section>
          <Table rows={rows} />
        </div>
      )}
    </>
  );
}

const none: string[] = [];
const nothing = () => {};

function Table({ rows }: { rows: Row[] }) {
  const { t } = useTranslation();
  const defined = (key: string) => (
    <Definition text={t(`flows.counts.definition.${key}`)}>{t(`flows.counts.${key}`)}</Definition>
  );
  const columns: Column<Row>[] = [
    { key: "step", label: t("flows.edit.step"), sort: (r) => r.step, cell: (r) => r.step },
    { key: "calls", label: defined("calls"), figure: true, sort: (r) => r.calls, cell: (r) => r.calls },
    { key: "visits", label: defined("visits"), figure: true, sort: (r) => r.visits, cell: (r) => r.visits },
    {
      key: "dropped",
      label: defined("dropped"),
      figure: true,
      sort: (r) => r.dropped,
      cell: (r) => (r.dropped > 0 ? `${r.dropped}（${((100 * r.dropped) / r.calls).toFixed(1)}%）` : "–"),
    },
  ];
  return <DataTable label={t("flows.tab.counts")} rows={rows} rowKey={(r) => r.step} columns={columns} />;
}
