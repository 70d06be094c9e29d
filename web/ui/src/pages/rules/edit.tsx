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
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { useFilters } from "../shared/search";
import { Diff } from "./Diff";
import { Editor, goTo } from "./Editor";
import { Publish } from "./Publish";
import { RuleTabs } from "./parts";

type Version = Schemas["TextVersion"];

/** The rules as text: checked while one types, kept as a draft, compared with the live version, put live. */
export default function EditPage() {
  const [{ from }] = useFilters();
  const found = useQuery({ queryKey: ["rules", "versions"], queryFn: () => got(api.GET("/api/v1/rules/versions")) });
  return (
    <>
      <PageTitle titleKey="rules.title">
        <RuleTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Work versions={found.data.items} from={Number(from) || 0} />}
    </>
  );
}

/** The draft in the making. `seen` is when the draft was saved that one began with: nobody else's is overwritten. */
function useWork(versions: Version[], from: number) {
  const client = useQueryClient();
  const draft = versions.find((v) => v.state === "draft");
  const live = versions.find((v) => v.state === "live");
  const first = versions.find((v) => v.version === from) ?? draft ?? live;
  const [yaml, setYaml] = useState(first?.yaml ?? "");
  const [note, setNote] = useState(draft?.note ?? "");
  const [seen, setSeen] = useState(draft?.created_at);
  const read = () => client.invalidateQueries({ queryKey: ["rules", "versions"] });
  const take = (v: Version | undefined) => {
    setYaml(v?.yaml ?? "");
    setNote(v?.state === "draft" ? v.note : "");
  };
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: () => got(api.PUT("/api/v1/rules/draft", { body: { yaml, note, seen } })),
    onSuccess: (v) => {
      setSeen(v.created_at);
      notifications.show({ message: t("rules.edit.saved") });
      return read();
    },
  });
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/rules/draft"),
    onSuccess: () => {
      setSeen(undefined);
      take(live);
      notifications.show({ message: t("rules.edit.dropped") });
      return read();
    },
  });
  const reload = async () => {
    const now = await got(api.GET("/api/v1/rules/versions"));
    const theirs = now.items.find((v) => v.state === "draft");
    setSeen(theirs?.created_at);
    take(theirs ?? live);
    save.reset();
    await read();
  };
  return { draft, live, yaml, setYaml, note, setNote, take, save, drop, reload };
}

function Work({ versions, from }: { versions: Version[]; from: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const work = useWork(versions, from);
  const { draft, live, yaml } = work;
  const [settled] = useDebouncedValue(yaml, 400);
  const [side, setSide] = useState("faults");
  const [going, setGoing] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const checked = useQuery({
    queryKey: ["rules", "check", settled],
    queryFn: () => got(api.POST("/api/v1/rules/check", { body: { yaml: settled } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const faults = checked.data?.faults ?? [];
  const kept = draft?.yaml === yaml;
  const known = versions.find((v) => v.yaml === yaml);
  const error = work.save.error ?? work.drop.error;
  return (
    <Grid gap="md" columns={24}>
      <Grid.Col span={{ base: 24, md: 14 }}>
        <Group gap="xs" mb="xs" align="flex-end">
          <NativeSelect
            size="xs"
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
        </Group>
        <Editor
          area={area}
          label={t("rules.edit.text")}
          test="rule-text"
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
            disabled={faults.length > 0 || kept || !checked.data || yaml !== settled || yaml === live?.yaml}
            loading={work.save.isPending}
            onClick={() => work.save.mutate()}
            data-testid="save-draft"
          >
            {t("rules.edit.save")}
          </Button>
          <Button
            size="xs"
            variant={kept ? "filled" : "default"}
            disabled={!kept}
            onClick={() => void navigate({ to: "/rules/trials" })}
          >
            {t("rules.edit.try")}
          </Button>
          <Button size="xs" variant="default" disabled={!kept} onClick={() => setGoing(true)} data-testid="go-live">
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
          {t("rules.edit.hint")}
        </Text>
      </Grid.Col>
      <Grid.Col span={{ base: 24, md: 10 }}>
        <SegmentedControl
          size="xs"
          mb="xs"
          value={side}
          onChange={setSide}
          data={["faults", "diff"].map((value) => ({ value, label: t(`rules.edit.show.${value}`) }))}
        />
        {side === "faults" ? (
          <Checked checked={checked.data} go={(line) => goTo(area.current, line)} />
        ) : (
          <Diff
            before={live?.yaml ?? ""}
            after={yaml}
            label={t("rules.edit.show.diff")}
            same={t("rules.edit.same")}
            hint={t("rules.edit.same_hint")}
          />
        )}
      </Grid.Col>
      {going && draft && (
        <Publish draft={draft} left={checked.data?.left_to_people ?? []} close={() => setGoing(false)} />
      )}
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

function Checked({ checked, go }: { checked: Schemas["CheckedBook"] | undefined; go: (line: number) => void }) {
  const { t } = useTranslation();
  if (!checked) return <Loading />;
  const { faults, rules, left_to_people: left } = checked;
  if (faults.length === 0)
    return (
      <Stack gap="xs">
        <Alert variant="light" color="green" p="xs" icon={<IconCircleCheck aria-hidden />} role="status">
          {t("rules.edit.no_faults", { n: rules.length })}
        </Alert>
        {left.length > 0 && (
          <Alert variant="light" color="orange" p="xs" icon={<IconAlertTriangle aria-hidden />}>
            {t("rules.edit.left", { list: left.join("、") })}
          </Alert>
        )}
      </Stack>
    );
  return (
    <Alert
      variant="light"
      color="red"
      p="xs"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("rules.edit.faults", { n: faults.length })}
      role="status"
      data-testid="rule-faults"
    >
      <Stack gap={6}>
        {faults.map((f) => (
          <div key={`${f.line} ${f.rule} ${f.field} ${f.what}`}>
            <Anchor component="button" type="button" size="sm" onClick={() => go(f.line)}>
              {t("rules.edit.line", { n: f.line })}
            </Anchor>{" "}
            <Text span size="sm" className="mono">
              {f.rule === "-" ? t("rules.edit.whole") : `${f.rule} · ${f.field}`}
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
