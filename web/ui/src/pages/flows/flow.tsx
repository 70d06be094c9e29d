import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { useFilters } from "../shared/search";
import { Counts } from "./Counts";
import { Versions } from "./Versions";
import { Work } from "./Work";

const tabs = ["edit", "versions", "counts"] as const;

/** One flow or survey: built, tried, published, and taken back. */
export default function FlowPage() {
  const { t } = useTranslation();
  const { kind = "flow", name = "" } = useParams({ strict: false }) as { kind?: string; name?: string };
  const [filters, set] = useFilters();
  const tab = tabs.find((x) => x === filters.tab) ?? "edit";
  const versions = useVersions(kind, name);
  const fresh = versions.error instanceof ProblemError && versions.error.code === "not_found";
  const all = fresh ? [] : versions.data?.items;
  return (
    <>
      <PageTitle title={`${t(`flows.of.${kind}`)}　${name}`}>
        <SegmentedControl
          size="xs"
          aria-label={t("flows.tabs")}
          value={tab}
          onChange={(x) => set({ tab: x })}
          data={tabs
            .filter((x) => kind === "flow" || x !== "counts")
            .map((value) => ({ value, label: t(`flows.tab.${value}`) }))}
        />
      </PageTitle>
      {versions.isPending && <Loading />}
      {versions.isError && !fresh && <Broken error={versions.error} retry={() => void versions.refetch()} />}
      {all && tab === "edit" && (
        <Work key={`${kind} ${name}`} kind={kind} name={name} from={filters.from} versions={all} />
      )}
      {all && tab === "counts" && <Counts name={name} versions={all} />}
      {all && tab === "versions" && all.length > 0 && <Versions kind={kind} name={name} versions={all} />}
      {all && tab === "versions" && all.length === 0 && (
        <Empty title={t("flows.versions.none")} hint={t("flows.versions.none_hint")} />
      )}
    </>
  );
}

function useVersions(kind: string, name: string) {
  return useQuery({
    queryKey: ["flows", kind, name, "versions"],
    queryFn: () =>
      got(api.GET("/api/v1/flows/{kind}/{name}/versions", { params: { path: { kind: kind as "flow", name } } })),
    retry: (n, e) => !(e instanceof ProblemError && e.status === 404) && n < 2,
  });
}
