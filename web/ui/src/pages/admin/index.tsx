import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { can, type Right, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { useFilters } from "../shared/search";
import { AccessLog } from "./AccessLog";
import { Codes } from "./Codes";
import { Lines } from "./Lines";
import { Queues } from "./Queues";
import { Teams } from "./Teams";
import { Users } from "./Users";

const tabs: { name: string; right: Right; body: () => React.ReactNode }[] = [
  { name: "users", right: "users", body: () => <Users /> },
  { name: "teams", right: "users", body: () => <Teams /> },
  { name: "queues", right: "site", body: () => <Queues /> },
  { name: "lines", right: "site", body: () => <Lines /> },
  { name: "codes", right: "site", body: () => <Codes /> },
  { name: "access_log", right: "access_log", body: () => <AccessLog /> },
];

export default function AdminPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [filters, set] = useFilters();
  const mine = tabs.filter((tab) => can(me, tab.right));
  const tab = mine.find((m) => m.name === filters.tab) ?? mine[0];
  // What is filtered on one tab says nothing on the next.
  const go = (name: string | null) =>
    set({ ...Object.fromEntries(Object.keys(filters).map((k) => [k, undefined])), tab: name ?? undefined });
  return (
    <>
      <PageTitle titleKey="nav.admin" />
      <Tabs value={tab?.name} onChange={go} keepMounted={false}>
        <Tabs.List mb="md" aria-label={t("nav.admin")}>
          {mine.map((m) => (
            <Tabs.Tab key={m.name} value={m.name}>
              {t(`admin.tabs.${m.name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {mine.map((m) => (
          <Tabs.Panel key={m.name} value={m.name}>
            {m.body()}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
