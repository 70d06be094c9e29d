import { ActionIcon, Alert, Button, Group, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { Editor, goTo } from "../rules/Editor";
import { Faults } from "./Faults";
import { readFlow } from "./graph";
import { begun, canRedo, canUndo, changed, now, redone, undone } from "./history";
import { Picture } from "./Picture";
import { Publish } from "./Publish";
import { Rehearse } from "./Rehearse";
import { Sounds } from "./Sounds";
import { StepForm } from "./StepForm";
import { SurveyForm } from "./SurveyForm";
import { readSurvey } from "./survey";
import { template } from "./template";
import { useText, type Version } from "./Versions";
import "./flows.css";

type Named = { kind: string; name: string };

/** The flow in the making: begins with the draft, or with what is live. */
export function Work({ kind, name, from, versions }: Named & { from?: string; versions: Version[] }) {
  const draft = versions.find((v) => v.state === "draft");
  // What one works on stays, whatever is saved or published meanwhile.
  const [first] = useState(draft ?? versions.find((v) => v.state === "live"));
  const text = useText({ kind, name }, first);
  if (!first) return <Bench kind={kind} name={name} text={template(kind, name, from)} draft={draft} />;
  if (text.isError) return <Broken error={text.error} retry={() => void text.refetch()} />;
  if (!text.data) return <Loading />;
  return <Bench kind={kind} name={name} text={text.data.yaml} draft={draft} saved={text.data.yaml} />;
}

type BenchProps = Named & { text: string; draft: Version | undefined; saved?: string };

/** Saves the draft; over one that somebody else has saved since it is refused. */
function useDraft({ kind, name, draft, saved: kept }: BenchProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [seen, setSeen] = useState(draft?.created_at);
  const [saved, setSaved] = useState(kept);
  const path = { kind: kind as "flow", name };
  const save = useMutation({
    mutationFn: (yaml: string) =>
      got(api.PUT("/api/v1/flows/{kind}/{name}/draft", { params: { path }, body: { yaml, seen } })),
    onSuccess: (v) => {
      setSeen(v.created_at);
      setSaved(v.yaml);
      notifications.show({ message: t("flows.edit.saved") });
      return client.invalidateQueries({ queryKey: ["flows"] });
    },
  });
  const published = () => {
    setSeen(undefined);
    return client.invalidateQueries({ queryKey: ["flows"] });
  };
  return { seen, saved, save, published };
}

function useChecked(kind: string, name: string, yaml: string) {
  const [settled] = useDebouncedValue(yaml, 350);
  const found = useQuery({
    queryKey: ["flows", "check", kind, name, settled],
    queryFn: () => got(api.POST("/api/v1/flows/check", { body: { yaml: settled, kind: kind as "flow", name } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return {
    faults: found.data?.faults ?? [],
    error: found.error,
    settled: settled === yaml && !found.isPlaceholderData,
  };
}

type Side = "step" | "yaml" | "try" | "sound";
type Changes = { change: (text: string, tag?: string) => void; undo: () => void; redo: () => void };

function Bench(props: BenchProps) {
  const { t } = useTranslation();
  const may = can(useMe(), "flows_edit");
  const work = useDraft(props);
  const [history, setHistory] = useState(() => begun(props.text));
  const yaml = now(history);
  const checked = useChecked(props.kind, props.name, yaml);
  const [going, setGoing] = useState(false);
  const changes: Changes = {
    change: (text, tag = "") => {
      if (may) setHistory((h) => changed(h, text, tag, Date.now()));
    },
    undo: () => setHistory(undone),
    redo: () => setHistory(redone),
  };
  useHotkeys(
    [
      ["mod+Z", changes.undo],
      ["mod+shift+Z", changes.redo],
      ["mod+Y", changes.redo],
      ["mod+S", () => may && yaml !== work.saved && work.save.mutate(yaml)],
    ],
    [],
  );
  const unsaved = yaml !== work.saved || (work.seen === undefined && props.saved === undefined);
  useLeaving(unsaved && may);
  const graves = checked.faults.filter((f) => !f.warning).length;
  const body = { name: props.name, yaml, checked, may, change: changes.change };
  return (
    <>
      <Group gap="xs" mb="xs">
        <Step
          icon={<IconArrowBackUp size={16} />}
          label={t("flows.edit.undo")}
          does={changes.undo}
          on={canUndo(history)}
        />
        <Step
          icon={<IconArrowForwardUp size={16} />}
          label={t("flows.edit.redo")}
          does={changes.redo}
          on={canRedo(history)}
        />
        {may && (
          <>
            <Button
              size="xs"
              variant="default"
              disabled={!unsaved}
              loading={work.save.isPending}
              onClick={() => work.save.mutate(yaml)}
              data-testid="save-draft"
            >
              {t("flows.edit.save")}
            </Button>
            <Button
              size="xs"
              disabled={unsaved || !work.seen || graves > 0 || !checked.settled}
              onClick={() => setGoing(true)}
              data-testid="go-live"
            >
              {t("flows.edit.publish")}
            </Button>
          </>
        )}
        <Text size="xs" c="dimmed" role="status">
          {t(`flows.edit.${stateOf(may, unsaved, work.seen)}`)}
        </Text>
      </Group>
      {work.save.error && <Refused error={work.save.error} />}
      {props.kind === "flow" ? <FlowBody {...body} /> : <SurveyBody {...body} />}
      {going && work.seen && (
        <Publish
          kind={props.kind}
          name={props.name}
          saved={work.seen}
          yaml={yaml}
          warnings={checked.faults}
          close={() => setGoing(false)}
          done={() => {
            setGoing(false);
            return work.published();
          }}
        />
      )}
    </>
  );
}

function stateOf(may: boolean, unsaved: boolean, seen: string | undefined): string {
  if (!may) return "read_only";
  if (unsaved) return "unsaved";
  return seen ? "kept" : "as_live";
}

type BodyProps = {
  name: string;
  yaml: string;
  checked: ReturnType<typeof useChecked>;
  may: boolean;
  change: Changes["change"];
};

/** The picture, and beside it the chosen step, the text, or a walk. */
function FlowBody({ name, yaml, checked, may, change }: BodyProps) {
  const { t } = useTranslation();
  const flow = useMemo(() => readFlow(yaml), [yaml]);
  const [side, setSide] = useState<Side>("step");
  const [chosen, choose] = useState<string | null>(null);
  const [trail, setTrail] = useState<string[]>([]);
  const area = useRef<HTMLTextAreaElement>(null);
  const line = useLine(area, side);
  const show = (at: number, step: string) => {
    if (step && flow.steps.some((s) => s.name === step)) choose(step);
    setSide("yaml");
    line.go(at);
  };
  return (
    <div className="flow-bench">
      <section className="flow-left" aria-label={t("flows.picture")}>
        <Picture
          flow={flow}
          yaml={yaml}
          faults={checked.faults}
          chosen={chosen}
          trail={trail}
          choose={(s) => {
            choose(s);
            if (side === "yaml" && s) setSide("step");
          }}
          change={change}
          fixed={!may}
          name={name}
        />
        <Faults faults={checked.faults} error={checked.error} go={show} />
      </section>
      <section className="flow-right" aria-label={t("flows.edit.side")}>
        <Sides of={["step", "sound", "try", "yaml"]} side={side} set={setSide} />
        {side === "step" && (
          <StepForm
            flow={flow}
            yaml={yaml}
            chosen={chosen}
            faults={checked.faults}
            choose={choose}
            change={change}
            fixed={!may}
            showText={(at) => show(at, "")}
          />
        )}
        {side === "sound" && <Sounds yaml={yaml} may={may} />}
        {side === "yaml" && <YAML area={area} yaml={yaml} checked={checked} change={change} />}
        {side === "try" && <Rehearse yaml={yaml} languages={flow.languages} follow={setTrail} />}
      </section>
    </div>
  );
}

/** The questions as a form, and beside it a walk or the text. */
function SurveyBody({ yaml, checked, may, change }: BodyProps) {
  const { t } = useTranslation();
  const survey = useMemo(() => readSurvey(yaml), [yaml]);
  const [side, setSide] = useState<Side>("try");
  const [trail, setTrail] = useState<string[]>([]);
  const area = useRef<HTMLTextAreaElement>(null);
  const line = useLine(area, side);
  const show = (at: number) => {
    setSide("yaml");
    line.go(at);
  };
  return (
    <div className="flow-bench">
      <section aria-label={t("flows.survey.form")}>
        <SurveyForm
          survey={survey}
          yaml={yaml}
          faults={checked.faults}
          fixed={!may}
          asked={trail.at(-1)}
          change={change}
          showText={show}
        />
      </section>
      <section className="flow-right flow-stays" aria-label={t("flows.edit.side")}>
        <Faults faults={checked.faults} error={checked.error} go={show} />
        <Sides of={["try", "sound", "yaml"]} side={side} set={setSide} />
        {side === "sound" && <Sounds yaml={yaml} may={may} />}
        {side === "yaml" && <YAML area={area} yaml={yaml} checked={checked} change={change} />}
        {side === "try" && <Rehearse yaml={yaml} languages={survey.languages} follow={setTrail} survey />}
      </section>
    </div>
  );
}

function Sides({ of, side, set }: { of: Side[]; side: Side; set: (s: Side) => void }) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      my="xs"
      aria-label={t("flows.edit.side")}
      value={side}
      onChange={(s) => set(s as Side)}
      data={of.map((value) => ({ value, label: t(`flows.side.${value}`) }))}
    />
  );
}

type YAMLProps = Pick<BodyProps, "yaml" | "checked" | "change"> & { area: RefObject<HTMLTextAreaElement | null> };

function YAML({ area, yaml, checked, change }: YAMLProps) {
  const { t } = useTranslation();
  return (
    <Editor
      area={area}
      label={t("flows.side.yaml")}
      test="flow-text"
      text={yaml}
      faulty={new Set(checked.faults.map((f) => f.line))}
      change={(text) => change(text, "yaml")}
    />
  );
}

/** Goes to a line of the text as soon as it is there. */
function useLine(area: RefObject<HTMLTextAreaElement | null>, side: Side) {
  const [wanted, want] = useState(0);
  useEffect(() => {
    if (side !== "yaml" || wanted === 0) return;
    goTo(area.current, wanted);
    want(0);
  }, [area, side, wanted]);
  return { go: want };
}

/** The browser asks before it forgets what is not saved. */
function useLeaving(unsaved: boolean) {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
}

function Step(props: { icon: React.ReactNode; label: string; does: () => void; on: boolean }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="default" aria-label={props.label} onClick={props.does} disabled={!props.on}>
        {props.icon}
      </ActionIcon>
    </Tooltip>
  );
}

function Refused({ error }: { error: Error }) {
  const { t } = useTranslation();
  const problem = problemText(error, t);
  const stale = error instanceof ProblemError && error.code === "stale";
  return (
    <Alert
      color="red"
      variant="light"
      p="xs"
      mb="xs"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={problem.title}
    >
      <Text size="sm">{stale ? t("flows.edit.stale") : problem.remedy}</Text>
      {stale && (
        <Button size="compact-xs" mt={4} variant="default" onClick={() => window.location.reload()}>
          {t("flows.edit.reload")}
        </Button>
      )}
    </Alert>
  );
}
