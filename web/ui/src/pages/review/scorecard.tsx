import {
  Alert,
  Anchor,
  Badge,
  Button,
  Grid,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { useValueName, valuesOf, words } from "../quality/parts";
import "../quality/quality.css";
import { ReviewTabs } from "./Tabs";

type Version = Schemas["TextVersion"];

/** The scorecard as text, with its faults at their lines and beside it what reviewers will see. */
export default function ScorecardPage() {
  const found = useQuery({ queryKey: ["scorecards"], queryFn: () => got(api.GET("/api/v1/scorecards")) });
  return (
    <>
      <PageTitle titleKey="review.tab.scorecard">
        <ReviewTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Builder versions={found.data.items ?? []} />}
    </>
  );
}

function Builder({ versions }: { versions: Version[] }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const first = versions.find((v) => v.state === "draft") ?? versions.find((v) => v.state === "live");
  const [yaml, setYaml] = useState(first?.yaml ?? "");
  const [note, setNote] = useState(first?.state === "draft" ? first.note : "");
  // When the draft was saved that one began with: nobody else's is overwritten.
  const [seen, setSeen] = useState(versions.find((v) => v.state === "draft")?.created_at);
  const [shown, setShown] = useState(first?.version ?? 0);
  const [settled] = useDebouncedValue(yaml, 400);
  const text = useRef<HTMLTextAreaElement>(null);
  const checked = useQuery({
    queryKey: ["scorecards", "check", settled],
    queryFn: () => got(api.POST("/api/v1/scorecards/check", { body: { yaml: settled } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const draft = versions.find((v) => v.state === "draft");
  const read = () => client.invalidateQueries({ queryKey: ["scorecards"] });
  const save = useMutation({
    mutationFn: () => got(api.PUT("/api/v1/scorecards/draft", { body: { yaml, note, seen } })),
    onError: () => read(), // the name of who was faster
    onSuccess: (v) => {
      setSeen(v.created_at);
      setShown(v.version);
      void read();
    },
  });
  const publish = useMutation({
    mutationFn: () =>
      got(
        api.POST("/api/v1/scorecards/draft/publish", { body: { saved: draft?.created_at ?? "", note: note.trim() } }),
      ),
    onSuccess: (v) => {
      notifications.show({ message: t("scorecard.published", { version: v.version }) });
      setNote("");
      setSeen(undefined);
      void read();
    },
  });
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/scorecards/draft"),
    onSuccess: () => {
      const live = versions.find((v) => v.state === "live");
      setYaml(live?.yaml ?? "");
      setSeen(undefined);
      setShown(live?.version ?? 0);
      void read();
    },
  });
  const choose = (version: number) => {
    const v = versions.find((x) => x.version === version);
    if (!v) return;
    setYaml(v.yaml);
    setNote(v.state === "draft" ? v.note : "");
    setShown(version);
  };
  const reload = () => {
    if (draft) choose(draft.version);
    setSeen(draft?.created_at);
    save.reset();
    publish.reset();
  };
  const error = save.error ?? publish.error ?? drop.error;
  const problem = error ? problemText(error, t) : null;
  const stale = error instanceof ProblemError && error.code === "stale";
  const faults = checked.data?.faults ?? [];
  const kept = draft?.yaml === yaml;
  const changed = yaml !== versions.find((v) => v.version === shown)?.yaml;
  return (
    <Grid gap="md" columns={24}>
      <Grid.Col span={{ base: 24, md: 14 }}>
        <Group gap="xs" mb="xs" align="flex-end">
          <NativeSelect
            size="xs"
            label={t("scorecard.version")}
            value={String(shown)}
            data={versions.map((v) => ({
              value: String(v.version),
              label: [
                t("scorecard.version_n", { n: v.version }),
                t(`scorecard.state.${v.state}`),
                dateTime(v.live_at ?? v.created_at, i18n.language),
                v.note,
              ]
                .filter(Boolean)
                .join("　"),
            }))}
            onChange={(e) => choose(Number(e.currentTarget.value))}
          />
          {changed && <Badge variant="default">{t("scorecard.unsaved")}</Badge>}
        </Group>
        <Textarea
          ref={text}
          className="yaml"
          aria-label={t("scorecard.text")}
          autosize
          minRows={18}
          maxRows={28}
          spellCheck={false}
          value={yaml}
          onChange={(e) => setYaml(e.currentTarget.value)}
        />
        <Group gap="xs" mt="xs" align="flex-end">
          <TextInput
            size="xs"
            w={280}
            label={t("scorecard.note")}
            maxLength={500}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
          />
          <Button
            size="xs"
            variant="default"
            disabled={faults.length > 0 || kept || !checked.data}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t("scorecard.save")}
          </Button>
          <Button
            size="xs"
            disabled={!draft || !kept || note.trim() === ""}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
          >
            {t("scorecard.publish")}
          </Button>
          {draft && (
            <Button size="xs" variant="subtle" color="gray" loading={drop.isPending} onClick={() => drop.mutate()}>
              {t("scorecard.drop")}
            </Button>
          )}
        </Group>
        {problem && (
          <Text size="sm" c="red" role="alert" mt={4}>
            {problem.title}：{stale ? t("scorecard.stale", { name: draft?.drafter }) : problem.remedy}{" "}
            {stale && (
              <Anchor component="button" type="button" size="sm" onClick={reload}>
                {t("scorecard.reload")}
              </Anchor>
            )}
          </Text>
        )}
        <Text size="xs" c="dimmed" mt="xs" className="prose">
          {t("scorecard.hint")}
        </Text>
      </Grid.Col>
      <Grid.Col span={{ base: 24, md: 10 }}>
        <Faults faults={faults} known={checked.data !== undefined} go={(line) => select(text.current, line)} />
        {checked.data?.card && <Preview card={checked.data.card} />}
      </Grid.Col>
    </Grid>
  );
}

/** Puts the cursor on a line of the text and shows it. */
function select(area: HTMLTextAreaElement | null, line: number) {
  if (!area) return;
  const before = area.value.split("\n").slice(0, line - 1);
  const start = before.reduce((n, l) => n + l.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
  area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
}

function Faults({ faults, known, go }: { faults: Schemas["CardFault"][]; known: boolean; go: (line: number) => void }) {
  const { t } = useTranslation();
  if (!known) return <Loading />;
  if (faults.length === 0)
    return (
      <Alert variant="light" color="green" p="xs" mb="sm" icon={<IconCircleCheck aria-hidden />}>
        {t("scorecard.no_faults")}
      </Alert>
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
    >
      <Stack gap={4}>
        {faults.map((f) => (
          <Text size="sm" key={f.path + f.what}>
            <Anchor component="button" type="button" size="sm" onClick={() => go(f.line)}>
              {t("scorecard.line", { n: f.line })}
            </Anchor>{" "}
            {f.what}
            <Text span c="dimmed" size="sm">
              　{f.remedy}
            </Text>
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}

/** The card as reviewers see it. */
function Preview({ card }: { card: Schemas["Card"] }) {
  const { t } = useTranslation();
  const valueName = useValueName();
  return (
    <Paper withBorder p="sm" className="review-column" role="group" aria-label={words(card.name)} tabIndex={0}>
      <Text fw={650} mb="xs">
        {words(card.name)}
      </Text>
      <Stack gap="sm">
        {card.sections.map((s) => (
          <section key={s.id} aria-label={words(s.name)}>
            <Group justify="space-between">
              <Text fw={600} size="sm">
                {words(s.name)}
              </Text>
              <Text size="sm">{s.weight}%</Text>
            </Group>
            {s.questions.map((q) => (
              <Group key={q.id} justify="space-between" wrap="nowrap" align="flex-start" py={2}>
                <div>
                  <Text size="sm">{words(q.text)}</Text>
                  <Text size="xs" c="dimmed">
                    {[
                      valuesOf(q)
                        .map((v) => valueName(q, v))
                        .join(" / "),
                      q.critical && t(`review.critical.${q.critical}`),
                      t(`scorecard.by.${q.by || (q.cases?.length ? "rules" : "person")}`),
                    ]
                      .filter(Boolean)
                      .join("　")}
                  </Text>
                </div>
                <Text size="sm" c="dimmed">
                  {q.weight}%
                </Text>
              </Group>
            ))}
          </section>
        ))}
      </Stack>
    </Paper>
  );
}
