import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  NativeSelect,
  Stack,
  Text,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { parse, stringify } from "yaml";
import type { Flow } from "./graph";
import { list } from "./graph";
import { useLabel } from "./label";
import { removeIn, renameIn, setIn, setList } from "./patch";
import { TextIn } from "./Say";
import type { FieldProps } from "./StepForm";
import { put } from "./steps";

type Props = FieldProps & { label: string };
type Loose = Record<string, unknown>;

const object = (v: unknown): Loose => (typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Loose) : {});
const text = (v: unknown): string => (typeof v === "string" ? v : "");

function Remove({ label, does }: { label: string; does: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={does}>
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function Add({ label, says, does }: { label: string; says?: string; does: () => void }) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconPlus size={12} aria-hidden />}
      aria-label={says}
      onClick={does}
      style={{ alignSelf: "flex-start" }}
    >
      {label}
    </Button>
  );
}

function To({ flow, label, value, set }: { flow: Flow; label: string; value: string; set: (v: string) => void }) {
  const names = flow.steps.map((s) => s.name);
  return (
    <NativeSelect
      size="xs"
      flex={1}
      aria-label={label}
      value={value}
      data={[...(names.includes(value) ? [] : [{ value, label: value === "" ? "–" : `${value} ?` }]), ...names]}
      onChange={(e) => set(e.currentTarget.value)}
    />
  );
}

/** What may be pressed, why, and where it leads. */
export function Choices({ flow, yaml, path, value, change, label }: Props) {
  const { t } = useTranslation();
  const field = useLabel();
  const choices = Object.entries(object(value));
  const add = () => {
    const digit = [..."1234567890*#"].find((d) => !choices.some(([have]) => have === d)) ?? "11";
    change(setIn(yaml, [...path, digit], { next: flow.steps.at(-1)?.name ?? "" }));
  };
  return (
    <Fieldset legend={label} className="flow-fieldset" p="xs">
      <Stack gap="xs">
        {choices.map(([digits, choice]) => (
          <div key={digits}>
            <Group gap={4} wrap="nowrap">
              <Digits digits={digits} give={(to) => change(renameIn(yaml, [...path, digits], to))} />
              <To
                flow={flow}
                label={`${digits} ${field("next")}`}
                value={text(object(choice).next)}
                set={(v) => change(setIn(yaml, [...path, digits, "next"], v))}
              />
              <Remove
                label={t("flows.edit.drop_choice", { digits })}
                does={() => change(removeIn(yaml, [...path, digits]))}
              />
            </Group>
            <TextIn
              flow={flow}
              yaml={yaml}
              path={[...path, digits, "label"]}
              value={object(choice).label}
              change={change}
              label={`${digits} ${field("label")}`}
            />
          </div>
        ))}
        <Add label={t("flows.edit.add_choice")} does={add} />
      </Stack>
    </Fieldset>
  );
}

/** Takes effect when it is left, so that half a number is no choice. */
function Digits({ digits, give }: { digits: string; give: (to: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(digits);
  useEffect(() => setTyped(digits), [digits]);
  const done = () => (/^[0-9*#]{1,4}$/.test(typed) ? typed !== digits && give(typed) : setTyped(digits));
  return (
    <TextInput
      size="xs"
      w={64}
      aria-label={t("flows.edit.digits", { digits })}
      value={typed}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onBlur={done}
      onKeyDown={(e) => e.key === "Enter" && done()}
    />
  );
}

/** The ways of a branch, the first that fits. */
export function Cases({ flow, yaml, path, value, change, label }: Props) {
  const { t } = useTranslation();
  const field = useLabel();
  const cases = Array.isArray(value) ? value.map(object) : [];
  return (
    <Fieldset legend={label} className="flow-fieldset" p="xs">
      <Stack gap="xs">
        {cases.map((c, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the first that fits counts, so its place is what a case is
          <Group key={n} gap={4} wrap="nowrap">
            {"from" in c || "to" in c ? (
              (["from", "to"] as const).map((k) => (
                <TextInput
                  key={k}
                  size="xs"
                  w={72}
                  aria-label={`${field(k)} ${n + 1}`}
                  value={text(c[k])}
                  onChange={(e) =>
                    change(put(yaml, [...path, n, k], e.currentTarget.value), `${path.join(".")}.${n}.${k}`)
                  }
                />
              ))
            ) : (
              <TextInput
                size="xs"
                flex={1}
                aria-label={`${field("is")} ${n + 1}`}
                value={list(c.is).join(", ")}
                onChange={(e) => {
                  const is = e.currentTarget.value.split(/[,、]\s*/);
                  change(setList(yaml, [...path, n, "is"], is), `${path.join(".")}.${n}`);
                }}
              />
            )}
            <To
              flow={flow}
              label={`${field("next")} ${n + 1}`}
              value={text(c.next)}
              set={(v) => change(setIn(yaml, [...path, n, "next"], v))}
            />
            <Remove label={t("flows.edit.drop_case", { n: n + 1 })} does={() => change(removeIn(yaml, [...path, n]))} />
          </Group>
        ))}
        <Add
          label={t("flows.edit.add_case")}
          does={() => change(setIn(yaml, [...path, cases.length], { is: "", next: flow.steps.at(-1)?.name ?? "" }))}
        />
      </Stack>
    </Fieldset>
  );
}

/** A service's fields by our values. */
export function Pairs({ flow, yaml, path, value, change, label }: Props) {
  const { t } = useTranslation();
  const pairs = Object.entries(object(value));
  const values = [...flow.values, "caller", "language"];
  return (
    <Fieldset legend={label} className="flow-fieldset" p="xs">
      <Stack gap={4}>
        {pairs.map(([theirs, ours]) => (
          <Group key={theirs} gap={4} wrap="nowrap">
            <Text size="xs" className="mono" w={110}>
              {theirs}
            </Text>
            <NativeSelect
              size="xs"
              flex={1}
              aria-label={`${label} ${theirs}`}
              value={text(ours)}
              data={values.includes(text(ours)) ? values : [text(ours), ...values]}
              onChange={(e) => change(setIn(yaml, [...path, theirs], e.currentTarget.value))}
            />
            <Remove
              label={t("flows.edit.drop_pair", { field: theirs })}
              does={() => change(removeIn(yaml, [...path, theirs]))}
            />
          </Group>
        ))}
        <AddPair label={label} add={(name) => change(setIn(yaml, [...path, name], values[0] ?? ""))} />
      </Stack>
    </Fieldset>
  );
}

function AddPair({ label, add }: { label: string; add: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const done = () => {
    if (name.trim() === "") return;
    add(name.trim());
    setName("");
  };
  return (
    <Group gap={4}>
      <TextInput
        size="xs"
        flex={1}
        placeholder={t("flows.edit.their_field")}
        aria-label={`${label} ${t("flows.edit.their_field")}`}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && done()}
      />
      <Add label={t("flows.edit.add_pair")} says={`${label} ${t("flows.edit.add_pair")}`} does={done} />
    </Group>
  );
}

/** A value that is too rich for a form, as YAML; it counts when it is left and can be read. */
export function Raw({ yaml, path, value, change, label }: Props) {
  const { t } = useTranslation();
  const shown = value === undefined ? "" : stringify(value, { lineWidth: 0 }).trimEnd();
  const [typed, setTyped] = useState(shown);
  const [bad, setBad] = useState(false);
  useEffect(() => {
    setTyped(shown);
    setBad(false);
  }, [shown]);
  const done = () => {
    if (typed === shown) return;
    try {
      const read = parse(typed, { schema: "failsafe" });
      change(put(yaml, path, read ?? undefined));
      setBad(false);
    } catch {
      setBad(true);
    }
  };
  return (
    <Textarea
      size="xs"
      label={label}
      autosize
      minRows={1}
      className="mono"
      value={typed}
      error={bad && t("flows.edit.broken")}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onBlur={done}
    />
  );
}
