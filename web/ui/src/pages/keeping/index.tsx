import { Anchor, Tabs } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { can, type Right, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { useFilters } from "../shared/search";
import { Alarms } from "./Alarms";
import { Holds } from "./Holds";
import { Retention } from "./Retention";

const tabs: { name: string; right: Right; body: () => React.ReactNode }[] = [
  { name: "alarms", right: "alarms", body: () => <Alarms /> },
  { name: "holds", right: "holds", body: () => <Holds /> },
  { name: "retention", right: "site", body: () => <Retention /> },
];

export default function KeepingPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [filters, set] = useFilters();
  const mine = tabs.filter((tab) => can(me, tab.right));
  const tab = mine.find((m) => m.name === filters.tab) ?? mine[0];
  return (
    <>
      <PageTitle titleKey="keeping.title">
        <Anchor size="sm" renderRoot={(p) => <Link to="/recordings" {...p} />}>
          {t("recordings.back")}
        </Anchor>
      </PageTitle>
      <Tabs
        value={tab?.name}
        onChange={(name) => set({ tab: name ?? undefined, all: undefined, kind: undefined })}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={t("keeping.title")}>
          {mine.map((m) => (
            <Tabs.Tab key={m.name} value={m.name}>
              {t(`keeping.tabs.${m.name}`)}
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
