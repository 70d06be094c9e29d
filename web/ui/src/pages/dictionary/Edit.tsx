import {
  Alert,
  Anchor,
  Button,
  Grid,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { problemText } from "../../components/problem";
import { Loading } from "../../components/States";
import { Diff } from "../rules/Diff";
import { Editor, goTo } from "../rules/Editor";
import { Publish } from "./Publish";
import { Tried } from "./Tried";

type Version = Schemas["TextVersion"];

/** The draft in the making. `seen` is when the draft was saved that one began with: nobody else's is overwritten. */
function useDraft(versions: Version[], from: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = versions.find((v) => v.state === "draft");
  const live = versions.find((v) => v.state === "live");
  const first = versions.find((v) => v.version === from) ?? draft ?? live;
  const [yaml, setYaml] = useState(first?.yaml ?? "");
  const [note, setNote] = useState(draft?.note ?? "");
  const [seen, setSeen] = useState(draft?.created_at);
  const read = () => client.invalidateQueries({ queryKey: ["dictionaries"] });
  const take = (v: Version | undefined) => {
    setYaml(v?.yaml ?? "");
    setNote(v?.state === "draft" ? v.note : "");
  };
  const save = useMutation({
    mutationFn: () => got(api.PUT("/api/v1/dictionaries/draft", { body: { yaml, note, seen } })),
    onSuccess: (v) => {
      setSeen(v.created_at);
      notifications.show({ message: t("rules.edit.saved") });
      return read();
    },
  });
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/dictionaries/draft"),
    onSuccess: () => {
      setSeen(undefined);
      take(live);
      notifications.show({ message: t("rules.edit.dropped") });
      return read();
    },
  });
  const reload = async () => {
    const now = (await got(api.GET("/api/v1/dictionaries"))).items;
    const theirs = now.find((v) => v.state === "draft");
    setSeen(theirs?.created_at);
    take(theirs ?? now.find((v) => v.state === "live"));
    save.reset();
    await read();
  };
  return { draft, live, yaml, setYaml, note, setNote, take, save, drop, reload };
}

/** The dictionary as text: checked while one types, tried on past calls, kept as a draft, compared, put live. */
export function Edit({ versions, from }: { versions: Version[]; from: number }) {
  const { t } = useTranslation();
  const work = useDraft(versions, from);
  const { draft, live, yaml } = work;
  const [settled] = useDebouncedValue(yaml, 400);
  const [side, setSide] = useState("faults");
  const [going, setGoing] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const checked = useQuery({
    queryKey: ["dictionaries", "check", settled],
    queryFn: () => got(api.POST("/api/v1/dictionaries/check", { body: { yaml: settled } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const faults = checked.data?.faults ?? [];
  const sound = faults.length === 0 && checked.data !== undefined && yaml === settled;
  const kept = draft?.yaml === yaml;
  const known = versions.find((v) => v.yaml === yaml);
  const error = work.save.error ?? work.drop.error;
  return (
    <Grid gap="md" columns={24}>
      <Grid.Col span={{ base: 24, md: 14 }}>
        <NativeSelect
          size="xs"
          mb="xs"
          label={t("rules.edit.from")}
          value={String(known?.version ?? "")}
          data={[
            ...(known ? [] : [{ value: "", label: t("rules.edit.unsaved") }]),
            ...versions.map((v) => ({
              value: String(v.version),
              label: `${t("rules.edit.version", { n: v.version })}（${t(`rules.edit.state.${v.state}`)}）${v.note}`,
            })),
          ]}
          onChange={(e) => work.take(versions.find((v) => String(v.version) === e.currentTarget.value))}
        />
        <Editor
          area={area}
          label={t("dictionary.text")}
          test="dictionary-text"
          text={yaml}
          faulty={new Set(faults.map((f) => f.line))}
          change={work.setYaml}
        />
        <Group gap="xs" mt="xs" align="flex-end">
          <TextInput
            size="xs"
            flex="1 1 180px"
            maw={300}
            label={t("rules.edit.note")}
            maxLength={500}
            value={work.note}
            onChange={(e) => work.setNote(e.currentTarget.value)}
          />
          <Button
            size="xs"
            variant={kept ? "default" : "filled"}
            disabled={!sound || kept || yaml === live?.yaml}
            loading={work.save.isPending}
            onClick={() => work.save.mutate()}
            data-testid="save-draft"
          >
            {t("rules.edit.save")}
          </Button>
          <Button size="xs" disabled={!kept} onClick={() => setGoing(true)} data-testid="go-live">
            {t("rules.edit.publish")}
          </Button>
          {draft && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              loading={work.drop.isPending}
              onClick={() => work.drop.mutate()}
            >
              {t("rules.edit.drop")}
            </Button>
          )}
        </Group>
        {error && <Refused error={error} reload={() => void work.reload()} />}
        <Text size="xs" c="dimmed" mt="xs" className="prose">
          {t("dictionary.hint")}
        </Text>
      </Grid.Col>
      <Grid.Col span={{ base: 24, md: 10 }}>
        <SegmentedControl
          size="xs"
          mb="xs"
          aria-label={t("dictionary.side")}
          value={side}
          onChange={setSide}
          data={["faults", "diff", "tried"].map((value) => ({ value, label: t(`dictionary.show.${value}`) }))}
        />
        {side === "faults" && <Checked checked={checked.data} go={(line) => goTo(area.current, line)} />}
        {side === "diff" && (
          <Diff
            before={live?.yaml ?? ""}
            after={yaml}
            label={t("dictionary.show.diff")}
            same={t("rules.edit.same")}
            hint={t("rules.edit.same_hint")}
          />
        )}
        {side === "tried" && <Tried yaml={yaml} sound={sound} />}
      </Grid.Col>
      {going && draft && <Publish draft={draft} close={() => setGoing(false)} />}
    </Grid>
  );
}

function Refused({ error, reload }: { error: Error; reload: () => void }) {
  const { t } = useTranslation();
  const problem = problemText(error, t);
  const stale = error instanceof ProblemError && error.code === "stale";
  return (
    <Alert
      color="red"
      variant="light"
      p="xs"
      mt="xs"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={problem.title}
    >
      <Text size="sm">{stale ? t("rules.edit.reload_hint") : problem.remedy}</Text>
      {stale && (
        <Button size="compact-xs" mt={4} variant="default" onClick={reload}>
          {t("rules.edit.reload")}
        </Button>
      )}
    </Alert>
  );
}

/** What is wrong, line by line, or how much there is. */
function Checked({ checked, go }: { checked: Schemas["CheckedDictionary"] | undefined; go: (line: number) => void }) {
  const { t } = useTranslation();
  if (!checked) return <Loading />;
  const { faults } = checked;
  if (faults.length === 0)
    return (
      <Alert variant="light" color="green" p="xs" icon={<IconCircleCheck aria-hidden />} role="status">
        {t("dictionary.no_faults", { topics: checked.topics, products: checked.products, wordings: checked.wordings })}
      </Alert>
    );
  return (
    <Alert
      variant="light"
      color="red"
      p="xs"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("rules.edit.faults", { n: faults.length })}
      role="status"
      data-testid="dictionary-faults"
    >
      <Stack gap={6}>
        {faults.map((f) => (
          <div key={`${f.line} ${f.path} ${f.what}`}>
            <Anchor component="button" type="button" size="sm" onClick={() => go(f.line)}>
              {t("rules.edit.line", { n: f.line })}
            </Anchor>{" "}
            <Text span size="sm" className="mono">
              {f.path}
            </Text>
            <Text size="sm">
              {f.what}
              <Text span size="sm" fw={600}>
                {" → "}
                {f.remedy}
              </Text>
            </Text>
          </div>
        ))}
      </Stack>
    </Alert>
  );
}
