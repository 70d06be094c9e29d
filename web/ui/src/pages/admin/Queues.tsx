import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { named } from "../../i18n";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { ActiveSign, Bar, Open, queries, useWhole } from "./parts";
import { QueueForm } from "./QueueForm";

type Queue = Schemas["ServedQueue"];

/** Queues, their times and who serves them. */
export function Queues() {
  const { t } = useTranslation();
  const list = useWhole<Queue>(queries.queues);
  const [edited, edit] = useState<Queue | "new" | null>(null);
  const figure = (key: string, value: (q: Queue) => number): Column<Queue> => ({
    key,
    label: t(`admin.queue.${key}`),
    figure: true,
    cell: value,
    sort: value,
  });
  const columns: Column<Queue>[] = [
    {
      key: "name",
      label: t("filter.queue"),
      cell: (q) => <Open name={named(q)} open={() => edit(q)} />,
      sort: (q) => named(q),
    },
    { key: "id", label: t("admin.queue.id"), cell: (q) => q.id },
    figure("members", (q) => q.members?.length ?? 0),
    figure("ring", (q) => q.ring_s),
    figure("wrap_up", (q) => q.wrap_up_s),
    figure("longest_wait", (q) => q.longest_wait_s),
    figure("service_level", (q) => q.service_level_s),
    { key: "active", label: t("admin.user.state"), cell: (q) => <ActiveSign active={q.active} /> },
  ];
  return (
    <>
      <Bar add={() => edit("new")} />
      <Listing
        label={t("admin.tabs.queues")}
        list={list}
        columns={columns}
        rowKey={(q) => q.id}
        opens
        rowClass={(q) => (q.active ? undefined : "off")}
        empty={{ title: t("admin.queue.empty"), hint: t("admin.queue.empty_hint") }}
      />
      {edited && <QueueForm queue={edited === "new" ? undefined : edited} close={() => edit(null)} />}
    </>
  );
}
