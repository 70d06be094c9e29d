import { Anchor, Button, Checkbox, Group, NativeSelect, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { useNames } from "../shared/lists";
import { Cases, Choices, Pairs, Raw } from "./Branches";
import { type Fault, useSaid } from "./Faults";
import { at, type Flow, list, type Step } from "./graph";
import { Head } from "./Head";
import { flowsQuery } from "./index";
import { type Field, kinds } from "./kinds";
import { useLabel, useListed } from "./label";
import { linesAt, type Path, setIn } from "./patch";
import { Say, Words } from "./Say";
import { put, renameStep } from "./steps";

export type FormProps = {
  flow: Flow;
  yaml: string;
  faults: Fault[];
  fixed?: boolean;
  change: (text: string, tag?: string) => void;
};

export type Props = FormProps & {
  chosen: string | null;
  choose: (s: string | null) => void;
  showText: (line: number) => void;
};

/** The chosen step as a form; with none chosen, the flow itself. */
export function StepForm(props: Props) {
  const { t } = useTranslation();
  const { flow, chosen } = props;
  const step = flow.steps.find((s) => s.name === chosen);
  return (
    <fieldset disabled={props.fixed} className="flow-form" data-testid="step-form">
      <Select
        size="xs"
        mb="xs"
        label={t("flows.edit.step")}
        placeholder={t("flows.edit.whole")}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("flows.edit.whole") }}
        value={step?.name ?? null}
        data={flow.steps.map((s) => s.name)}
        onChange={props.choose}
        data-testid="pick-step"
      />
      {flow.broken && (
        <Text size="sm" c="red" role="alert">
          {t("flows.edit.broken")}
        </Text>
      )}
      {step ? <OneStep key={step.name} {...props} step={step} /> : <Head {...props} />}
    </fieldset>
  );
}

function OneStep(props: Props & { step: Step }) {
  const { t } = useTranslation();
  const listed = useListed();
  const { step, yaml, flow } = props;
  const base = ["steps", step.name, step.kind];
  const lines = linesAt(yaml, ["steps", step.name]);
  const mine = props.faults.filter((f) => f.step === step.name || (lines && f.line >= lines[0] && f.line <= lines[1]));
  const fields = kinds[step.kind]?.fields ?? [];
  // A fault is shown at the field on whose lines it is, the narrowest that there is, and else at the step.
  const places = fields
    .map((f) => ({ key: f.key, lines: linesAt(yaml, [...base, ...f.key.split(".")]) }))
    .filter((p): p is { key: string; lines: [number, number] } => p.lines !== undefined);
  const fieldOf = (f: Fault) => {
    const there = places.filter((p) => f.line >= p.lines[0] && f.line <= p.lines[1]);
    const named = there.filter((p) => f.message.includes(`\`${p.key.split(".")[0]}`));
    return (named.length > 0 ? named : there.length === 1 ? there : [])[0]?.key;
  };
  const at0 = mine.filter((f) => !fieldOf(f));
  return (
    <Stack gap="xs">
      <Rename {...props} />
      {at0.map((f) => (
        <FaultText key={f.message} fault={f} />
      ))}
      {!step.known && (
        <>
          <Text size="sm" className="prose">
            {t("flows.edit.unknown_kind", { kind: step.kind })}
          </Text>
          <Anchor component="button" type="button" size="sm" onClick={() => props.showText(lines?.[0] ?? 1)}>
            {t("flows.edit.as_yaml")}
          </Anchor>
        </>
      )}
      {fields.map((f) => {
        const faults = mine.filter((x) => fieldOf(x) === f.key);
        return (
          <div key={f.key}>
            <OneField {...props} field={f} path={[...base, ...f.key.split(".")]} value={at(step.action, f.key)} />
            {faults.map((x) => (
              <FaultText key={x.message} fault={x} />
            ))}
          </div>
        );
      })}
      <Text size="xs" c="dimmed">
        {t("flows.edit.comes_from", {
          list: listed([...new Set(flow.edges.filter((e) => e.to === step.name).map((e) => e.from))]) || "–",
        })}
      </Text>
    </Stack>
  );
}

export function FaultText({ fault: f }: { fault: Fault }) {
  const { t } = useTranslation();
  const { message, remedy } = useSaid()(f);
  return (
    <Text size="xs" c={f.warning ? "orange.9" : "red.8"}>
      {f.warning ? `△ ${t("flows.warning")}：` : "✕ "}
      {message} → {remedy}
    </Text>
  );
}

const slug = /^[a-z][a-z0-9-]{0,63}$/;

function Rename({ step, flow, yaml, change, choose }: Props & { step: Step }) {
  const { t } = useTranslation();
  const [name, setName] = useState(step.name);
  useEffect(() => setName(step.name), [step.name]);
  const twice = name !== step.name && flow.steps.some((s) => s.name === name);
  const bad = !slug.test(name) || twice;
  const rename = () => {
    if (bad || name === step.name) return;
    change(renameStep(yaml, flow, step.name, name));
    choose(name);
  };
  return (
    <Group gap="xs" align="flex-end">
      <Title order={2} size="h5" flex="0 0 auto">
        {t(`flows.kind.${step.kind}`, { defaultValue: step.kind })}
      </Title>
      <TextInput
        size="xs"
        flex={1}
        aria-label={t("flows.edit.name")}
        value={name}
        error={bad ? (twice ? t("fault.taken") : t("flows.new.form")) : undefined}
        onChange={(e) => setName(e.currentTarget.value)}
        onBlur={rename}
        onKeyDown={(e) => e.key === "Enter" && rename()}
      />
      {name !== step.name && (
        <Button size="xs" variant="default" disabled={bad} onClick={rename}>
          {t("flows.edit.rename")}
        </Button>
      )}
    </Group>
  );
}

export type FieldProps = FormProps & { field: Field; path: Path; value: unknown };

function OneField(props: FieldProps) {
  const { flow, yaml, field: f, path, value, change } = props;
  const label = useLabel()(f.key);
  const tag = path.join(".");
  const set = (v: string) => change(put(yaml, path, v), tag);
  const text = typeof value === "string" ? value : "";
  const common = { size: "xs" as const, label, required: f.required };
  const choose = (data: { value: string; label: string }[]) => (
    <NativeSelect
      {...common}
      value={text}
      data={[
        ...(text !== "" && f.required ? [] : [{ value: "", label: "–" }]),
        ...(text === "" || data.some((d) => d.value === text) ? [] : [{ value: text, label: `${text} ?` }]),
        ...data,
      ]}
      onChange={(e) => set(e.currentTarget.value)}
    />
  );
  const named = (names: string[]) => names.map((n) => ({ value: n, label: n }));
  switch (f.type) {
    case "target":
      return choose(named(flow.steps.map((s) => s.name)));
    case "language":
      return choose(named(flow.languages));
    case "value":
      return choose(named(flow.values));
    case "queue":
      return <Queues choose={choose} />;
    case "survey":
      return <Texts kind="survey" choose={choose} />;
    case "flow":
      return <Texts kind="flow" but={flow.name} choose={choose} />;
    case "service":
    case "calendar":
      return <Known choose={choose} of={`${f.type}s`} />;
    case "flag":
      return (
        <Checkbox
          size="xs"
          label={label}
          checked={(text || f.usual) === "true"}
          onChange={(e) =>
            change(
              e.currentTarget.checked === (f.usual === "true")
                ? put(yaml, path, undefined)
                : setIn(yaml, path, e.currentTarget.checked),
            )
          }
        />
      );
    case "number":
      return (
        <TextInput
          {...common}
          inputMode="numeric"
          placeholder={f.usual}
          value={text}
          onChange={(e) => {
            const v = e.currentTarget.value.replace(/\D/g, "");
            change(put(yaml, path, v === "" ? undefined : Number(v)), tag);
          }}
        />
      );
    case "say":
      return <Say {...props} label={label} said={list(value)} />;
    case "words":
      return <Words {...props} label={label} />;
    case "choices":
      return <Choices {...props} label={label} />;
    case "cases":
      return <Cases {...props} label={label} />;
    case "pairs":
      return <Pairs {...props} label={label} />;
    case "yaml":
      return <Raw {...props} label={label} />;
    default:
      return f.of ? (
        choose(named(f.of))
      ) : (
        <TextInput {...common} placeholder={f.usual} value={text} onChange={(e) => set(e.currentTarget.value)} />
      );
  }
}

type Chooser = { choose: (data: { value: string; label: string }[]) => React.ReactNode };

function Queues({ choose }: Chooser) {
  const names = useNames();
  return choose((names.data?.queues ?? []).map((q) => ({ value: q.id, label: `${names.queue(q.id)}（${q.id}）` })));
}

/** What is live, but the one that is being written. */
function Texts({ choose, kind, but }: Chooser & { kind: "flow" | "survey"; but?: string }) {
  const all = useQuery(flowsQuery).data?.items ?? [];
  const there = all.filter((f) => f.kind === kind && f.live && f.name !== but);
  return choose(there.map((f) => ({ value: f.name, label: f.name })));
}

/** What an administrator has set up. */
function Known({ choose, of }: Chooser & { of: "services" | "calendars" }) {
  const known = useQuery({ queryKey: ["flows", "known"], queryFn: () => got(api.GET("/api/v1/flows/known")) });
  return choose((known.data?.[of] ?? []).map((name) => ({ value: name, label: name })));
}
