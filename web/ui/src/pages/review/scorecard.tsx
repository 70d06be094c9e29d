import { Alert, Anchor, Badge, Button, Grid, Group, NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import "../quality/quality.css";
import { Diff } from "../rules/Diff";
import { Editor, goTo } from "../rules/Editor";
import { CardForm } from "./card/CardForm";
import { EditingContext, type Fault } from "./card/fields";
import { Preview } from "./card/Preview";
import { Publish } from "./card/Publish";
import { read } from "./card/text";
import { useText } from "./card/useText";
import { ReviewTabs } from "./Tabs";

type Version = Schemas["TextVersion"];

/** The scorecard as a form, and beside it the text that the form changes, in step both ways. */
export default function ScorecardPage() {
  const found = useQuery({ queryKey: ["scorecards"], queryFn: () => got(api.GET("/api/v1/scorecards")) });
  return (
    <>
      <PageTitle titleKey="review.tab.scorecard">
        <ReviewTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Work versions={found.data.items} />}
    </>
  );
}

/** The draft in the making. `seen` is when the draft was saved that one began with: nobody else's is overwritten. */
function useWork(versions: Version[]) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = versions.find((v) => v.state === "draft");
  const live = versions.find((v) => v.state === "live");
  const text = useText((draft ?? live)?.yaml ?? "");
  const [seen, setSeen] = useState(draft?.created_at);
  const refresh = () => client.invalidateQueries({ queryKey: ["scorecards"], exact: true });
  const take = (v: Version | undefined) => text.change(() => v?.yaml ?? "");
  const save = useMutation({
    mutationFn: () => got(api.PUT("/api/v1/scorecards/draft", { body: { yaml: text.yaml, seen } })),
    onError: () => refresh(), // so that it says who was faster
    onSuccess: (v) => {
      setSeen(v.created_at);
      notifications.show({ message: t("scorecard.saved") });
      return refresh();
    },
  });
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/scorecards/draft"),
    onSuccess: () => {
      setSeen(undefined);
      take(live);
      return refresh();
    },
  });
  const published = () => {
    setSeen(undefined);
    return refresh();
  };
  const reload = async () => {
    const now = await got(api.GET("/api/v1/scorecards"));
    const theirs = now.items.find((v) => v.state === "draft");
    setSeen(theirs?.created_at);
    take(theirs ?? now.items.find((v) => v.state === "live"));
    save.reset();
    await refresh();
  };
  return { text, draft, live, seen, take, save, drop, published, reload };
}

function Work({ versions }: { versions: Version[] }) {
  const { t } = useTranslation();
  const work = useWork(versions);
  const { text, draft, live } = work;
  const { yaml } = text;
  const [settled] = useDebouncedValue(yaml, 300);
  const [side, setSide] = useState("yaml");
  const [going, setGoing] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const checked = useQuery({
    queryKey: ["scorecards", "check", settled],
    queryFn: () => got(api.POST("/api/v1/scorecards/check", { body: { yaml: settled } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const faults = checked.data?.faults ?? [];
  const reading = useMemo(() => read(yaml), [yaml]);
  // What is kept is what one began with or saved oneself: somebody else's draft of the same words counts, another does not.
  const kept = draft?.yaml === yaml && draft.created_at === work.seen;
  const known = versions.find((v) => v.yaml === yaml);
  const show = (line: number) => {
    setSide("yaml");
    requestAnimationFrame(() => goTo(area.current, line));
  };
  // In a field it is the browser's own.
  useHotkeys([
    ["mod+Z", text.undo],
    ["mod+shift+Z", text.redo],
  ]);
  const error = work.save.error ?? work.drop.error;
  return (
    <div>
      <Group gap="xs" mb="xs" align="flex-end">
        <NativeSelect
          size="xs"
          maw={280}
          label={t("scorecard.version")}
          value={String(known?.version ?? "")}
          data={[
            ...(known ? [] : [{ value: "", label: t("scorecard.unsaved") }]),
            ...versions.map((v) => ({
              value: String(v.version),
              label: `${t("scorecard.version_n", { n: v.version })}（${t(`scorecard.state.${v.state}`)}）${v.note}`,
            })),
          ]}
          onChange={(e) => {
            const chosen = versions.find((v) => String(v.version) === e.currentTarget.value);
            if (chosen) work.take(chosen);
          }}
        />
        <Button
          size="xs"
          variant="default"
          disabled={!text.canUndo}
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          onClick={text.undo}
          data-testid="undo"
        >
          {t("card.undo")}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!text.canRedo}
          leftSection={<IconArrowForwardUp size={14} aria-hidden />}
          onClick={text.redo}
        >
          {t("card.redo")}
        </Button>
        <Button
          size="xs"
          variant={kept ? "default" : "filled"}
          disabled={faults.length > 0 || kept || !checked.data || yaml !== settled || yaml === live?.yaml}
          loading={work.save.isPending}
          onClick={() => work.save.mutate()}
          data-testid="save-draft"
        >
          {t("scorecard.save")}
        </Button>
        <Button
          size="xs"
          variant={kept ? "filled" : "default"}
          disabled={!kept || faults.length > 0}
          onClick={() => setGoing(true)}
          data-testid="go-live"
        >
          {t("scorecard.publish")}
        </Button>
        {draft && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            loading={work.drop.isPending}
            onClick={() => work.drop.mutate()}
          >
            {t("scorecard.drop")}
          </Button>
        )}
        {!kept && yaml !== live?.yaml && <Badge variant="default">{t("scorecard.unsaved")}</Badge>}
      </Group>
      {error && <Refused error={error} by={draft?.drafter || t("card.somebody")} reload={() => void work.reload()} />}
      <Faults faults={faults} known={checked.data !== undefined} go={show} />
      <Grid gap="md" columns={24}>
        <Grid.Col span={{ base: 24, md: 14 }}>
          {"card" in reading ? (
            <EditingContext.Provider value={{ change: text.change, faults }}>
              <CardForm card={reading.card} />
            </EditingContext.Provider>
          ) : (
            <Alert variant="light" color="orange" icon={<IconAlertTriangle aria-hidden />} data-testid="no-form">
              <Text size="sm">{t(`card.broken.${reading.broken}`, { line: reading.line, what: reading.what })}</Text>
              <Anchor component="button" type="button" size="sm" onClick={() => show(reading.line)}>
                {t("scorecard.line", { n: reading.line })}
              </Anchor>
            </Alert>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 24, md: 10 }} className="card-side">
          <SegmentedControl
            size="xs"
            mb="xs"
            value={side}
            onChange={setSide}
            data={["yaml", "diff", "preview"].map((value) => ({ value, label: t(`card.side.${value}`) }))}
          />
          {side === "yaml" && (
            <Editor
              area={area}
              label={t("scorecard.text")}
              test="card-text"
              text={yaml}
              faulty={new Set(faults.map((f) => f.line))}
              change={(v) => text.change(() => v, "yaml")}
            />
          )}
          {side === "diff" && (
            <Diff before={live?.yaml ?? ""} after={yaml} label={t("card.side.diff")} same={t("card.same")} />
          )}
          {side === "preview" && checked.data?.card && <Preview card={checked.data.card} />}
          <Text size="xs" c="dimmed" mt="xs" className="prose">
            {t("scorecard.hint")} {t("card.hint")}
          </Text>
        </Grid.Col>
      </Grid>
      {going && draft && <Publish draft={draft} done={work.published} close={() => setGoing(false)} />}
    </div>
  );
}

function Refused({ error, by, reload }: { error: Error; by: string; reload: () => void }) {
  const { t } = useTranslation();
  const problem = problemText(error, t);
  const stale = error instanceof ProblemError && error.code === "stale";
  return (
    <Alert color="red" variant="light" p="xs" mb="sm" role="alert" title={problem.title} data-testid="refused">
      <Text size="sm">{stale ? t("scorecard.stale", { name: by }) : problem.remedy}</Text>
      {stale && (
        <Button size="compact-xs" mt={4} variant="default" onClick={reload} data-testid="reload">
          {t("scorecard.reload")}
        </Button>
      )}
    </Alert>
  );
}

function Faults({ faults, known, go }: { faults: Fault[]; known: boolean; go: (line: number) => void }) {
  const { t } = useTranslation();
  if (!known) return <Loading />;
  if (faults.length === 0)
    return (
      <Group gap={4} mb="sm" role="status">
        <IconCircleCheck size={16} color="var(--mantine-color-green-text)" aria-hidden />
        <Text size="xs">{t("scorecard.no_faults")}</Text>
      </Group>
    );
  return (
    <Alert
      variant="light"
      color="red"
      p="xs"
      mb="sm"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("scorecard.faults", { n: faults.length })}
      role="status"
      data-testid="card-faults"
    >
      <Stack gap={4}>
        {faults.map((f) => (
          <Text size="sm" key={f.path + f.what}>
            <Anchor component="button" type="button" size="sm" onClick={() => go(f.line)}>
              {t("scorecard.line", { n: f.line })}
            </Anchor>{" "}
            {f.what}
            <Text span fw={600} size="sm">
              {" → "}
              {f.remedy}
            </Text>
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
