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

function Walk({ steps }: { steps: Entered[] }) {
  const { t } = useTranslation();
  const sees = can(useMe(), "flows");
  const [chosen, choose] = useState<string | null>(null);
  const { flow: name, version } = steps[0] as Entered;
  const text = useQuery({
    queryKey: ["flows", "hash", name, version],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{kind}/{name}/texts/{hash}", {
          params: { path: { kind: "flow", name, hash: version } },
        }),
      ),
    enabled: sees,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const flow = useMemo(() => readFlow(text.data?.yaml ?? ""), [text.data]);
  const trail = useMemo(() => steps.filter((s) => s.version === version).map((s) => s.step), [steps, version]);
  return (
    <>
      {sees && text.data && (
        <>
          <Text size="sm" mb="xs">
            <Anchor
              size="sm"
              renderRoot={(p) => <Link to="/flows/$kind/$name" params={{ kind: "flow", name }} {...p} />}
            >
              {name}
            </Anchor>{" "}
            {t("flows.version_n", { n: text.data.version })}
          </Text>
          <Picture flow={flow} chosen={chosen} trail={trail} choose={choose} name={name} fixed />
        </>
      )}
      <ol className="flow-path" data-testid="call-path">
        {steps.map((s) => (
          <li key={s.n}>
            <span className="mono">{timeSeconds(s.at)}</span> {s.step}
          </li>
        ))}
      </ol>
    </>
  );
}
