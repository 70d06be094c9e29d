import { ActionIcon, Group, Select, Tooltip } from "@mantine/core";
import { IconLayoutDistributeVertical, IconPlus, IconTrash } from "@tabler/icons-react";
import {
  Background,
  BaseEdge,
  type Connection,
  Controls,
  type EdgeProps,
  type Edge as FlowEdge,
  getBezierPath,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
  useNodesState,
} from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "./Faults";
import type { Flow, Step } from "./graph";
import { kinds } from "./kinds";
import { useLabel, useListed } from "./label";
import {
  firstView,
  type Layout,
  type Line,
  linesOf,
  nodeSize,
  type Places,
  type Point,
  placed,
  readable,
  spine,
  through,
} from "./layout";
import { removeIn, setIn } from "./patch";
import { blank, freeName } from "./steps";
import "@xyflow/react/dist/style.css";
import "./flows.css";

type Shown = {
  step: Step;
  faults: number;
  warnings: number;
  start: boolean;
  lost: boolean;
  /** On the path that is shown, how often and in which place first. */
  walked?: number;
  figure?: string;
};
type StepNode = Node<Shown, "step">;

type WayEdge = FlowEdge<{ points?: Point[]; at?: Point }, "way">;

const nodeTypes = { step: StepBox };
const edgeTypes = { way: Way };

export type PictureProps = {
  flow: Flow;
  faults?: Fault[];
  chosen: string | null;
  /** The steps of a path, in order. */
  trail: string[];
  /** A few words for a step, such as how many came by. */
  figures?: Record<string, string>;
  choose: (step: string | null) => void;
  name: string;
  fixed?: boolean;
  yaml?: string;
  change?: (text: string, tag?: string) => void;
};

const none: Fault[] = [];

/** The flow as a picture: steps, and the ways between them. */
export function Picture(props: PictureProps) {
  const { t } = useTranslation();
  const { flow, chosen, trail, fixed } = props;
  const faults = props.faults ?? none;
  const [moved, move] = useMoved(props.name);
  const label = useLabel("flows.way");
  const listed = useListed();
  const lines = useMemo(
    () => linesOf(flow, (keys) => listed(keys.map((k) => (/^[\d*#]+$/.test(k) ? k : label(k))))),
    [flow, label, listed],
  );
  const auto = useMemo(() => placed(flow, lines), [flow, lines]);
  const [nodes, setNodes, onNodesChange] = useNodesState<StepNode>([]);
  useEffect(() => {
    setNodes((before) =>
      flow.steps.map((step) => {
        const mine = faults.filter((f) => f.step === step.name);
        const old = before.find((n) => n.id === step.name);
        return {
          id: step.name,
          type: "step" as const,
          position: moved[step.name] ?? auto.steps[step.name] ?? { x: 0, y: 0 },
          measured: old?.measured,
          selected: step.name === chosen,
          ariaLabel: `${t(`flows.kind.${step.kind}`, { defaultValue: step.kind })} ${step.name}`,
          data: {
            step,
            faults: mine.filter((f) => !f.warning).length,
            warnings: mine.filter((f) => f.warning).length,
            start: step.name === flow.start,
            lost: step.name === flow.lost,
            walked: trail.includes(step.name) ? trail.indexOf(step.name) + 1 : undefined,
            figure: props.figures?.[step.name],
          },
        };
      }),
    );
  }, [flow, faults, moved, auto, chosen, trail, props.figures, setNodes, t]);
  const edges = useMemo(() => drawn(lines, auto, moved, trail), [lines, auto, moved, trail]);
  const view = useView({ ...auto.steps, ...moved }, spine(flow, trail[0] ?? flow.start), chosen);
  const patch = (text: string | undefined, tag = "") => text !== undefined && props.change?.(text, tag);
  const connect = (c: Connection) => patch(connected(props, c.source, c.sourceHandle, c.target));
  const drop = (steps: string[]) => patch(steps.reduce((text, s) => removeIn(text, ["steps", s]), props.yaml ?? ""));
  return (
    <div className="flow-picture" ref={view.frame}>
      {!fixed && (
        <Group gap={6} className="flow-tools">
          <AddStep {...props} />
          <Tool label={t("flows.edit.arrange")} does={() => move({})}>
            <IconLayoutDistributeVertical size={16} aria-hidden />
          </Tool>
          <Tool
            label={t("flows.edit.remove", { step: chosen ?? "" })}
            off={!chosen}
            does={() => chosen && drop([chosen])}
          >
            <IconTrash size={16} aria-hidden />
          </Tool>
        </Group>
      )}
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={(changes) => {
          // By Enter on a step that has the focus, too. What is chosen is the page's to say, and the library only shows it.
          const on = changes.find((c) => c.type === "select" && c.selected);
          if (on?.type === "select" && on.id !== chosen) props.choose(on.id);
          onNodesChange(changes.filter((c) => c.type !== "remove" && c.type !== "select"));
        }}
        onNodeClick={(_, n) => props.choose(n.id)}
        onPaneClick={() => props.choose(null)}
        onNodeDragStop={(_, n) => move({ ...moved, [n.id]: n.position })}
        onConnect={connect}
        onReconnect={(old, c) => {
          const e = flow.edges.find((x) => `${x.from} ${x.to}` === old.id);
          if (e?.path && c.target) patch(setIn(props.yaml ?? "", e.path, c.target));
        }}
        onNodesDelete={(gone) => drop(gone.map((n) => n.id))}
        deleteKeyCode={fixed ? null : ["Delete"]}
        nodesDraggable={!fixed}
        nodesConnectable={!fixed}
        edgesFocusable={false}
        onInit={view.begin}
        minZoom={0.15}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{
          "controls.ariaLabel": t("flows.picture"),
          "controls.zoomIn.ariaLabel": t("flows.zoom.in"),
          "controls.zoomOut.ariaLabel": t("flows.zoom.out"),
          "controls.fitView.ariaLabel": t("flows.zoom.fit"),
          "node.a11yDescription.default": t("flows.edit.node_keys"),
        }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} fitViewOptions={{ maxZoom: 1, padding: 0.05 }} />
        <MiniMap
          pannable
          zoomable
          ariaLabel={t("flows.map")}
          className="flow-map"
          nodeColor={(n) =>
            n.selected || (n as StepNode).data.walked ? "var(--flow-map-here)" : "var(--flow-map-step)"
          }
        />
      </ReactFlow>
    </div>
  );
}

/** The lines as they are drawn; one from or to a step that somebody has put elsewhere goes straight. */
function drawn(lines: Line[], auto: Layout, moved: Places, trail: string[]): WayEdge[] {
  return lines.map(({ id, from, to, there, label, ways }) => {
    const walked = trail.some((s, i) => s === from && trail[i + 1] === to);
    const round = moved[from] || moved[to] ? undefined : auto.lines[id];
    return {
      id,
      type: "way" as const,
      data: { points: round?.points, at: round?.label },
      source: from,
      target: there ? to : from,
      label,
      className: [ways.every((e) => e.fallback) && "flow-fallback", walked && "flow-walked", !there && "flow-nowhere"]
        .filter(Boolean)
        .join(" "),
      markerEnd: { type: MarkerType.ArrowClosed },
      zIndex: walked ? 1 : 0,
      // Which of several would be meant?
      reconnectable: ways.length === 1 && ways[0]?.path ? ("target" as const) : false,
      focusable: false,
    };
  });
}

function Way(props: EdgeProps<WayEdge>) {
  const [straight, x, y] = getBezierPath(props);
  const { points, at } = props.data ?? {};
  const path = points
    ? through([{ x: props.sourceX, y: props.sourceY }, ...points, { x: props.targetX, y: props.targetY }])
    : straight;
  return (
    <BaseEdge
      id={props.id}
      path={path}
      label={props.label}
      labelX={at?.x ?? x}
      labelY={at?.y ?? y}
      labelBgPadding={[3, 1]}
      markerEnd={props.markerEnd}
      interactionWidth={props.interactionWidth}
    />
  );
}

/** A line drawn from a step is its first way that leads nowhere yet, or else its main one. */
function connected(props: PictureProps, from: string, _handle: string | null, to: string): string | undefined {
  const step = props.flow.steps.find((s) => s.name === from);
  if (!step?.known || props.yaml === undefined) return undefined;
  const fields = kinds[step.kind]?.fields ?? [];
  const targets = fields.filter((f) => f.type === "target");
  const path = (key: string) => ["steps", from, step.kind, ...key.split(".")];
  const led = (key: string) =>
    props.flow.edges.some((e) => e.from === from && e.path?.join(" ") === path(key).join(" "));
  const choices = fields.find((f) => f.type === "choices");
  if (choices) {
    const used = props.flow.edges.filter((e) => e.from === from && e.path?.includes("choices")).map((e) => e.label);
    const digit = [..."1234567890"].find((d) => !used.includes(d));
    return digit && setIn(props.yaml, [...path(choices.key), digit], { next: to });
  }
  const free = targets.find((f) => f.required && !led(f.key)) ?? targets.find((f) => f.key === "next") ?? targets[0];
  return free && setIn(props.yaml, path(free.key), to);
}

function AddStep({ flow, yaml = "", chosen, change, choose }: PictureProps) {
  const { t } = useTranslation();
  return (
    <Select
      size="xs"
      w={190}
      aria-label={t("flows.edit.add")}
      placeholder={t("flows.edit.add")}
      leftSection={<IconPlus size={14} aria-hidden />}
      value={null}
      data={Object.keys(kinds).map((value) => ({ value, label: t(`flows.kind.${value}`, { defaultValue: value }) }))}
      onChange={(kind) => {
        if (!kind) return;
        const name = freeName(flow, kind);
        change?.(setIn(yaml, ["steps", name], { [kind]: blank(kind, flow, chosen) }));
        choose(name);
      }}
      data-testid="add-step"
    />
  );
}

function Tool(props: { label: string; off?: boolean; does: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="default" aria-label={props.label} disabled={props.off} onClick={props.does}>
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}

function StepBox({ data, selected }: NodeProps<StepNode>) {
  const { t } = useTranslation();
  const { step } = data;
  const colour = kinds[step.kind]?.colour ?? "dark";
  return (
    <div
      className={["flow-step", selected && "chosen", data.walked && "walked"].filter(Boolean).join(" ")}
      style={{ width: nodeSize.width, height: nodeSize.height, borderLeftColor: `var(--mantine-color-${colour}-6)` }}
      data-testid={`step-${step.name}`}
    >
      <Handle type="target" position={Position.Top} />
      <div className="flow-step-head">
        <span>{t(`flows.kind.${step.kind}`, { defaultValue: step.kind || "?" })}</span>
        {data.start && <span className="flow-sign">{t("flows.start")}</span>}
        {data.lost && <span className="flow-sign">{t("flows.lost")}</span>}
        {data.walked && <span className="flow-sign flow-nth">{data.walked}</span>}
        {data.faults > 0 && <span className="flow-sign flow-bad">✕ {t("flows.faults_n", { count: data.faults })}</span>}
        {data.faults === 0 && data.warnings > 0 && (
          <span className="flow-sign">△ {t("flows.warnings_n", { count: data.warnings })}</span>
        )}
      </div>
      <div className="flow-step-name">{step.name}</div>
      <div className="flow-step-says">{data.figure ?? step.says}</div>
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
}

/** Begins where it can be read, and shows the step that is chosen elsewhere. */
function useView(places: Places, first: string[], chosen: string | null) {
  const frame = useRef<HTMLDivElement>(null);
  const flow = useRef<ReactFlowInstance<StepNode, WayEdge> | null>(null);
  const now = useRef(places);
  now.current = places;
  useEffect(() => {
    const at = chosen ? now.current[chosen] : undefined;
    const { current: box } = frame;
    if (!flow.current || !at || !box) return;
    const { x, y, zoom } = flow.current.getViewport();
    const [left, top] = [x + at.x * zoom, y + at.y * zoom];
    const inside =
      left > 0 &&
      left + nodeSize.width * zoom < box.clientWidth &&
      top > 48 &&
      top + nodeSize.height * zoom < box.clientHeight;
    if (!inside)
      void flow.current.setCenter(at.x + nodeSize.width / 2, at.y + nodeSize.height / 2, {
        zoom: Math.max(zoom, readable),
      });
  }, [chosen]);
  const begin = (instance: ReactFlowInstance<StepNode, WayEdge>) => {
    flow.current = instance;
    if (frame.current)
      void instance.setViewport(
        firstView(now.current, first, { width: frame.current.clientWidth, height: frame.current.clientHeight }),
      );
  };
  return { frame, begin };
}

/** Where somebody has put steps: this browser remembers it, the text knows nothing of it. */
function useMoved(name: string): [Places, (p: Places) => void] {
  const key = `hotline.flow.${name}`;
  const [places, set] = useState<Places>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "{}") as Places;
    } catch {
      return {};
    }
  });
  return [
    places,
    (p) => {
      set(p);
      try {
        localStorage.setItem(key, JSON.stringify(p));
      } catch {
        // A browser that keeps nothing lays the steps out anew next time.
      }
    },
  ];
}
