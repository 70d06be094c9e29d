import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  Group,
  MultiSelect,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parse } from "yaml";
import { useLabel } from "./label";
import { removeIn, setIn } from "./patch";
import { SpokenLanguages } from "./SpokenLanguages";
import { FaultText, type FormProps } from "./StepForm";
import { put } from "./steps";

/** What holds for the whole flow. */
export function Head(props: FormProps) {
  const { t } = useTranslation();
  const label = useLabel();
  const { flow, yaml, change } = props;
  const steps = flow.steps.map((s) => s.name);
  const pick = (key: "start" | "lost", empty: boolean) => (
    <NativeSelect
      size="xs"
      label={label(key)}
      value={flow[key]}
      data={[...(empty || flow[key] === "" ? [{ value: "", label: "–" }] : []), ...steps]}
      onChange={(e) => change(put(yaml, [key], e.currentTarget.value))}
    />
  );
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed" className="prose">
        {t("flows.edit.hint")}
      </Text>
      <SpokenLanguages languages={flow.languages} yaml={yaml} change={change} />
      {pick("start", false)}
      {pick("lost", true)}
      <Values {...props} />
      <Passed {...props} list="takes" />
      <Passed {...props} list="gives" />
      {props.faults
        .filter((f) => f.step === "")
        .map((f) => (
          <FaultText key={`${f.line} ${f.message}`} fault={f} />
        ))}
    </Stack>
  );
}

/** How values may be kept; see docs/flow-language.md. */
const kindsOfValues = ["text", "digits", "code", "phone", "number", "money", "date", "time"];

type Value = { kind: string; secret: boolean };

function valuesOf(yaml: string): [string, Value][] {
  const of = (v: unknown): Value => {
    if (typeof v !== "object" || v === null) return { kind: String(v ?? ""), secret: false };
    const { kind, secret } = v as { kind?: string; secret?: string };
    return { kind: kind ?? "", secret: secret === "true" };
  };
  try {
    const { values } = (parse(yaml, { uniqueKeys: false, schema: "failsafe" }) ?? {}) as { values?: object };
    return Object.entries(values ?? {}).map(([name, v]) => [name, of(v)]);
  } catch {
    return [];
  }
}

/** What a call may learn on the way. */
function Values({ yaml, change, fixed }: FormProps) {
  const { t } = useTranslation();
  const values = valuesOf(yaml);
  const give = (name: string, v: Value) =>
    change(setIn(yaml, ["values", name], v.secret ? { kind: v.kind, secret: true } : v.kind));
  const drop = (name: string) =>
    change(values.length === 1 ? removeIn(yaml, ["values"]) : removeIn(yaml, ["values", name]));
  return (
    <Fieldset legend={t("flows.edit.values")} className="flow-fieldset" p="xs">
      <Stack gap={4}>
        <Text size="xs" c="dimmed">
          {t("flows.edit.values_hint")}
        </Text>
        {values.map(([name, v]) => (
          <Group key={name} gap={6} wrap="nowrap">
            <Text size="xs" className="mono" flex={1} truncate>
              {name}
            </Text>
            <NativeSelect
              size="xs"
              aria-label={t("flows.edit.value_kind", { name })}
              value={v.kind}
              data={kindsOfValues.map((value) => ({ value, label: t(`flows.value.${value}`) }))}
              onChange={(e) => give(name, { ...v, kind: e.currentTarget.value })}
            />
            <Checkbox
              size="xs"
              label={t("flows.edit.secret")}
              aria-label={t("flows.edit.secret_of", { name })}
              checked={v.secret}
              onChange={(e) => give(name, { ...v, secret: e.currentTarget.checked })}
            />
            {!fixed && (
              <Tooltip label={t("flows.edit.drop_value", { name })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("flows.edit.drop_value", { name })}
                  onClick={() => drop(name)}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        ))}
        {!fixed && (
          <AddValue
            taken={values.map(([name]) => name)}
            add={(name) => change(setIn(yaml, ["values", name], "digits"))}
          />
        )}
      </Stack>
    </Fieldset>
  );
}

/** The values that come from a flow which enters this one, or go back to it. A secret never does. */
function Passed({ flow, yaml, change, fixed, list }: FormProps & { list: "takes" | "gives" }) {
  const label = useLabel();
  const { t } = useTranslation();
  const plain = valuesOf(yaml).flatMap(([name, v]) => (v.secret ? [] : [name]));
  const names = flow[list];
  if (plain.length === 0 && names.length === 0) return null;
  return (
    <MultiSelect
      size="xs"
      label={label(list)}
      description={t(`flows.edit.${list}_hint`)}
      disabled={fixed}
      data={[...new Set([...plain, ...names])]}
      value={names}
      onChange={(v) => change(v.length === 0 ? removeIn(yaml, [list]) : setIn(yaml, [list], v))}
    />
  );
}

function AddValue({ taken, add }: { taken: string[]; add: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const bad = name !== "" && !/^[a-z][a-z0-9-]{0,63}$/.test(name);
  const twice = taken.includes(name);
  const done = () => {
    if (name === "" || bad || twice) return;
    add(name);
    setName("");
  };
  return (
    <Group gap={4} align="flex-start">
      <TextInput
        size="xs"
        flex={1}
        placeholder={t("flows.edit.value_name")}
        aria-label={t("flows.edit.value_name")}
        value={name}
        error={bad ? t("flows.new.form") : twice ? t("fault.taken") : undefined}
        onChange={(e) => setName(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && done()}
        data-testid="value-name"
      />
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={done}
        data-testid="add-value"
      >
        {t("flows.edit.add_pair")}
      </Button>
    </Group>
  );
}
