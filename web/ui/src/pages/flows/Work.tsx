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
import { StepForm } from "./StepForm";
import { template } from "./template";
import { useText, type Version } from "./Versions";
import "./flows.css";

type Named = { kind: string; name: string };

/** The flow in the making: begins with the draft, or with what is live. */
export function Work({ kind, name, versions }: Named & { versions: Version[] }) {
  const draft = versions.find((v) => v.state === "draft");
  // What one works on stays, whatever is saved or published meanwhile.
  const [first] = useState(draft ?? versions.find((v) => v.state === "live"));
  const text = useText({ kind, name }, first);
  if (!first) return <Bench kind={kind} name={name} text={template(kind, name)} draft={draft} />;
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

const sides = ["step", "yaml", "try"] as const;
type Side = (typeof sides)[number];

function Bench(props: BenchProps) {
  const { t } = useTranslation();
  const may = can(useMe(), "flows_edit");
  const work = useDraft(props);
  const [history, setHistory] = useState(() => begun(props.text));
  const yaml = now(history);
  const flow = useMemo(() => readFlow(yaml), [yaml]);
  const checked = useChecked(props.kind, props.name, yaml);
  const isFlow = props.kind === "flow";
  const [side, setSide] = useState<Side>(isFlow ? "step" : "yaml");
  const [chosen, choose] = useState<string | null>(null);
  const [trail, setTrail] = useState<string[]>([]);
  const [going, setGoing] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const line = useLine(area, side);
  const change = (text: string, tag = "") => {
    if (may) setHistory((h) => changed(h, text, tag, Date.now()));
  };
  const undo = () => setHistory(undone);
  const redo = () => setHistory(redone);
  useHotkeys(
    [
      ["mod+Z", undo],
      ["mod+shift+Z", redo],
      ["mod+Y", redo],
      ["mod+S", () => may && yaml !== work.saved && work.save.mutate(yaml)],
    ],
    [],
  );
  const show = (at: number, step: string) => {
    if (step && flow.steps.some((s) => s.name === step)) choose(step);
    setSide("yaml");
    line.go(at);
  };
  const unsaved = yaml !== work.saved || (work.seen === undefined && props.saved === undefined);
  useLeaving(unsaved && may);
  const graves = checked.faults.filter((f) => !f.warning).length;
  return (
    <>
      <Group gap="xs" mb="xs">
        <Step icon={<IconArrowBackUp size={16} />} label={t("flows.edit.undo")} does={undo} on={canUndo(history)} />
        <Step icon={<IconArrowForwardUp size={16} />} label={t("flows.edit.redo")} does={redo} on={canRedo(history)} />
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
          {!may
            ? t("flows.edit.read_only")
            : unsaved
              ? t("flows.edit.unsaved")
              : work.seen
                ? t("flows.edit.kept")
                : t("flows.edit.as_live")}
        </Text>
      </Group>
      {work.save.error && <Refused error={work.save.error} />}
      <div className={isFlow ? "flow-bench" : "flow-bench flow-bench-text"}>
        {isFlow && (
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
              name={props.name}
            />
            <Faults faults={checked.faults} error={checked.error} go={show} />
          </section>
        )}
        <section className="flow-right" aria-label={t("flows.edit.side")}>
          <SegmentedControl
            size="xs"
            mb="xs"
            aria-label={t("flows.edit.side")}
            value={side}
            onChange={(s) => setSide(s as Side)}
            data={sides
              .filter((s) => isFlow || s !== "step")
              .map((value) => ({ value, label: t(`flows.side.${value}`) }))}
          />
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
          {side === "yaml" && (
            <Editor
              area={area}
              label={t("flows.side.yaml")}
              test="flow-text"
              text={yaml}
              faulty={new Set(checked.faults.map((f) => f.line))}
              change={(text) => change(text, "yaml")}
            />
          )}
          {side === "try" && <Rehearse yaml={yaml} languages={flow.languages} follow={setTrail} />}
          {!isFlow && <Faults faults={checked.faults} error={checked.error} go={show} />}
        </section>
      </div>
      {going && work.seen && (
        <Publish
          kind={props.kind}
          name={props.name}
          saved={work.seen}
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
