import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Loading } from "../../components/States";
import { useFilters } from "../shared/search";
import { Edit } from "./Edit";
import { History } from "./History";

const tabs = ["edit", "history"] as const;

/** What calls are looked through for: topics, products, wordings and words of opinion, as one text with its versions. */
export default function DictionaryPage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const tab = tabs.find((x) => x === filters.tab) ?? tabs[0];
  const found = useQuery({
    queryKey: ["dictionaries"],
    queryFn: async () => (await got(api.GET("/api/v1/dictionaries"))).items,
  });
  return (
    <>
      <PageTitle titleKey="nav.dictionary" />
      <Tabs
        value={tab}
        onChange={(to) => set({ tab: to === tabs[0] ? undefined : (to ?? undefined), from: undefined })}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={t("nav.dictionary")}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`dictionary.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {found.isPending && <Loading />}
        {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
        {found.data && (
          <>
            <Tabs.Panel value="edit">
              <Edit versions={found.data} from={Number(filters.from) || 0} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History versions={found.data} edit={(from) => set({ tab: undefined, from: String(from) })} />
            </Tabs.Panel>
          </>
        )}
      </Tabs>
    </>
  );
}
