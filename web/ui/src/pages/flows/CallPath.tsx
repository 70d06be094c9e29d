import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { Broken, Loading } from "../../components/States";
import { timeSeconds } from "../../lib/format";
import { readFlow } from "./graph";
import { Picture } from "./Picture";
import "./flows.css";

type Entered = Schemas["CallStep"];

/** The way of a call through its flow: on the picture of the version that it was on, and as a list. */
export function CallPath({ call, live }: { call: string; live: boolean }) {
  const { t } = useTranslation();
  const path = useQuery({
    queryKey: ["calls", "steps", call],
    queryFn: () => got(api.GET("/api/v1/calls/{id}/steps", { params: { path: { id: call } } })),
    refetchInterval: live ? 3000 : false,
  });
  const steps = path.data?.items ?? [];
  if (path.isPending) return <Loading />;
  if (path.isError) return <Broken error={path.error} retry={() => void path.refetch()} />;
  if (steps.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("flows.path.none")}
      </Text>
    );
  return <Walk steps={steps} />;
}

/** A flow in one version, of those that the call went through. */
type Version = { flow: string; version: string };

function Walk({ steps }: { steps: Entered[] }) {
  const sees = can(useMe(), "flows");
  const texts = useMemo(() => {
    const all = new Map<string, Version>();
    for (const { flow, version } of steps) all.set(`${flow} ${version}`, { flow, version });
    return [...all.values()];
  }, [steps]);
  const root = steps[0]?.flow;
  return (
    <>
      {sees && texts.map((x) => <Drawn key={`${x.flow} ${x.version}`} text={x} steps={steps} />)}
      <ol className="flow-path" data-testid="call-path">
        {steps.map((s) => (
          <li key={s.n}>
            <span className="mono">{timeSeconds(s.at)}</span> {s.flow === root ? s.step : `${s.flow} / ${s.step}`}
          </li>
        ))}
      </ol>
    </>
  );
}

/** The picture of one, with the steps that the call entered. */
function Drawn({ text: { flow: name, version }, steps }: { text: Version; steps: Entered[] }) {
  const { t } = useTranslation();
  const [chosen, choose] = useState<string | null>(null);
  const text = useQuery({
    queryKey: ["flows", "hash", name, version],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{kind}/{name}/texts/{hash}", {
          params: { path: { kind: "flow", name, hash: version } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const flow = useMemo(() => readFlow(text.data?.yaml ?? ""), [text.data]);
  const trail = useMemo(
    () => steps.filter((s) => s.flow === name && s.version === version).map((s) => s.step),
    [steps, name, version],
  );
  if (!text.data) return null;
  return (
    <>
      <Text size="sm" my="xs">
        <Anchor size="sm" renderRoot={(p) => <Link to="/flows/$kind/$name" params={{ kind: "flow", name }} {...p} />}>
          {name}
        </Anchor>{" "}
        {t("flows.version_n", { n: text.data.version })}
      </Text>
      <Picture flow={flow} chosen={chosen} trail={trail} choose={choose} name={name} fixed />
    </>
  );
}
