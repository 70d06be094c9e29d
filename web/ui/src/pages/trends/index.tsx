import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../../components/PageTitle";
import { useFilters } from "../shared/search";
import { Phrases } from "./Phrases";
import { Topics } from "./Topics";
import { choose } from "./trend";
import "./trends.css";

const tabs = ["topics", "phrases"] as const;

/** What calls speak of, and what agents say when calls end well. */
export default function TrendsPage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  // Period and queue go along to the other tab; what only one of them knows stays behind.
  const go = (name: string | null) =>
    set({
      tab: name === tabs[0] ? undefined : (name ?? undefined),
      agent: undefined,
      kind: undefined,
      role: undefined,
      step: undefined,
      entry: undefined,
      outcome: undefined,
      source: undefined,
      survey: undefined,
    });
  return (
    <>
      <PageTitle titleKey="nav.trends" />
      <Tabs value={choose(tabs, filters.tab)} onChange={go} keepMounted={false}>
        <Tabs.List mb="md" aria-label={t("nav.trends")}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`trends.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="topics">
          <Topics />
        </Tabs.Panel>
        <Tabs.Panel value="phrases">
          <Phrases />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
