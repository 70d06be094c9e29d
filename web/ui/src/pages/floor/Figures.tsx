import { Box, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Empty } from "../../components/States";
import { named } from "../../i18n";
import { count, duration, percent } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Definition } from "../shared/Definition";
import type { Queue } from "./attention";

/** Below this a service level is in trouble, in percent. */
export const levelGoal = 80;

/** Each queue now and today; what a figure means is one hover away. */
export function Figures({ queues }: { queues: Queue[] }) {
  const { t } = useTranslation();
  const figure = (key: string, cell: Column<Queue>["cell"]): Column<Queue> => ({
    key,
    label: <Definition text={t(`floor.definition.${key}`, { goal: levelGoal })}>{t(`floor.figure.${key}`)}</Definition>,
    figure: true,
    cell,
  });
  const columns: Column<Queue>[] = [
    { key: "queue", label: t("filter.queue"), cell: (q) => <span className="clip short">{named(q) || q.queue}</span> },
    figure("waiting", (q) => q.waiting?.length ?? 0),
    figure("able", (q) => `${q.able} / ${q.signed_in}`),
    figure("service_level", (q) => <Level queue={q} />),
    figure("offered", (q) => count(q.today.offered)),
    figure("abandoned", (q) => count(q.today.abandoned)),
    figure("average_wait", (q) => (q.today.answered ? duration(q.today.average_wait_s) : "–")),
  ];
  return (
    <Box component="section" aria-labelledby="figures">
      <Title order={2} size="h5" id="figures" mb="xs">
        {t("floor.today")}
      </Title>
      {queues.length === 0 ? (
        <Empty title={t("floor.no_queues")} hint={t("floor.no_queues_hint")} />
      ) : (
        <DataTable label={t("floor.today")} columns={columns} rows={queues} rowKey={(q) => q.queue} />
      )}
    </Box>
  );
}

export function Level({ queue }: { queue: Queue }) {
  const { t } = useTranslation();
  if (queue.today.offered === 0) return <>–</>;
  const low = queue.today.service_level < levelGoal;
  return (
    <span className={low ? "low" : undefined}>
      {low && (
        <span role="img" aria-label={t("floor.below_goal", { goal: levelGoal })}>
          ▼{" "}
        </span>
      )}
      {percent(queue.today.service_level)}
    </span>
  );
}
