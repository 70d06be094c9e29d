import { Alert, Badge, Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowBackUp, IconPhoneOff, IconPlayerSkipForward, IconRefresh } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { dayOf } from "../shared/period";
import { useListed } from "./label";

type Input = Schemas["RehearsalInput"];
type Scene = Schemas["Rehearsal"];

const keys = [..."123456789*0#"];

/** Walks through the flow as it is in the editor, without a telephone. */
export function Rehearse(props: {
  yaml: string;
  languages: string[];
  follow: (trail: string[]) => void;
  /** Without a clock: a survey has no hours. */
  survey?: boolean;
}) {
  const { t } = useTranslation();
  const [inputs, setInputs] = useState<Input[]>([]);
  const [clock, setClock] = useState(() => `${dayOf(Date.now())}T10:00`);
  const [language, setLanguage] = useState("");
  const [yaml] = useDebouncedValue(props.yaml, 400);
  const { follow } = props;
  const found = useQuery({
    queryKey: ["flows", "rehearse", yaml, clock, language, inputs],
    queryFn: () =>
      got(
        api.POST("/api/v1/flows/rehearse", {
          body: { yaml, at: `${clock}:00+08:00`, language: language || undefined, inputs },
        }),
      ),
    enabled: clock !== "",
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const scene = found.data;
  useEffect(() => {
    follow(scene?.path ?? []);
    return () => follow([]);
  }, [follow, scene]);
  const add = (input: Input) => setInputs((all) => [...all, input]);
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-end">
        {!props.survey && (
          <TextInput
            size="xs"
            type="datetime-local"
            label={t("flows.try.clock")}
            value={clock}
            onChange={(e) => setClock(e.currentTarget.value)}
          />
        )}
        <NativeSelect
          size="xs"
          label={t("flows.try.language")}
          value={language}
          data={[{ value: "", label: t("flows.try.first_language") }, ...props.languages]}
          onChange={(e) => setLanguage(e.currentTarget.value)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          disabled={inputs.length === 0}
          onClick={() => setInputs((all) => all.slice(0, -1))}
        >
          {t("flows.try.back")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          disabled={inputs.length === 0}
          onClick={() => setInputs([])}
        >
          {t("flows.try.again")}
        </Button>
      </Group>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {scene && scene.faults > 0 && (
        <Alert color="orange" variant="light" p="xs">
          {t("flows.try.faulty", { count: scene.faults })}
        </Alert>
      )}
      {scene && (
        <>
          <Script scene={scene} survey={props.survey} />
          <Now scene={scene} add={add} />
        </>
      )}
    </Stack>
  );
}

function Script({ scene, survey }: { scene: Scene; survey?: boolean }) {
  const { t } = useTranslation();
  const scrolling = { role: "log", "aria-label": t("flows.try.script"), tabIndex: 0 };
  return (
    <div className="flow-script" {...scrolling} data-testid="script">
      {scene.lines.map((l, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added
        <div key={n} className={`flow-line flow-line-${l.kind}`}>
          <span className="flow-line-kind">
            {t(`flows.try.line.${survey && l.kind === "step" ? "question" : l.kind}`)}
          </span>
          <span lang={l.lang || undefined}>{l.kind === "step" ? l.step : said(l, t)}</span>
        </div>
      ))}
    </div>
  );
}

function said(l: Schemas["RehearsalLine"], t: (k: string, o?: Record<string, unknown>) => string): string {
  return l.kind === "result" ? t(`flows.try.result.${l.text}`, { defaultValue: l.text }) : l.text;
}

function Now({ scene, add }: { scene: Scene; add: (input: Input) => void }) {
  const { t } = useTranslation();
  const listed = useListed();
  if (scene.over)
    return (
      <Text size="sm" role="status">
        {t("flows.try.over")}
      </Text>
    );
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge variant="light" tt="none">
          {scene.step}
        </Badge>
        <Text size="xs" c="dimmed" role="status">
          {scene.waits === "digits"
            ? t("flows.try.waits_digits", { n: scene.wait_s })
            : t(`flows.try.waits.${scene.waits}`, { defaultValue: scene.waits })}
        </Text>
        {scene.reasons.length > 0 && (
          <Text size="xs" c="dimmed">
            {t("flows.try.reasons", { list: listed(scene.reasons) })}
          </Text>
        )}
      </Group>
      {scene.waits === "digits" ? (
        <div className="flow-keys">
          {keys.map((k) => (
            <Button key={k} size="xs" variant="default" onClick={() => add({ digits: k })}>
              {k}
            </Button>
          ))}
        </div>
      ) : (
        <Outside key={scene.lines.length} scene={scene} add={add} />
      )}
      <Group gap={6}>
        {scene.waits === "digits" && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerSkipForward size={14} aria-hidden />}
            onClick={() => add({ silence: true })}
          >
            {t("flows.try.silence")}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          color="red"
          leftSection={<IconPhoneOff size={14} aria-hidden />}
          onClick={() => add({ hang_up: true })}
        >
          {t("flows.try.hang_up")}
        </Button>
      </Group>
    </Stack>
  );
}

/** What lies outside comes to a result; what a service found is typed. */
function Outside({ scene, add }: { scene: Scene; add: (input: Input) => void }) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Record<string, string>>({});
  return (
    <Group gap={6} align="flex-end">
      {scene.fields.map((f) => (
        <TextInput
          key={f}
          size="xs"
          w={130}
          label={f}
          value={values[f] ?? ""}
          onChange={(e) => {
            const { value } = e.currentTarget;
            setValues((all) => ({ ...all, [f]: value }));
          }}
        />
      ))}
      {scene.results.map((r) => (
        <Button
          key={r}
          size="xs"
          variant="default"
          onClick={() => add(scene.fields.length > 0 ? { result: r, values } : { result: r })}
        >
          {t(`flows.try.result.${r}`, { defaultValue: r })}
        </Button>
      ))}
    </Group>
  );
}
