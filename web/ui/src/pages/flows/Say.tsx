import { ActionIcon, Button, Fieldset, Group, NativeSelect, Stack, Textarea, Tooltip } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Flow } from "./graph";
import { at } from "./graph";
import { type Path, setIn, setList } from "./patch";
import type { FieldProps } from "./StepForm";
import { put } from "./steps";

/** What a step says: prompts, one after another, with their words in every language that they are said in. */
export function Say({ flow, yaml, path, said, change, label }: FieldProps & { label: string; said: string[] }) {
  const { t } = useTranslation();
  const names = Object.keys(flow.prompts);
  const give = (to: string[]) => change(setList(yaml, path, to));
  const fresh = () => {
    let n = 1;
    while (flow.prompts[`prompt-${n}`]) n++;
    const name = `prompt-${n}`;
    const words = Object.fromEntries(flow.languages.map((l) => [l, ""]));
    change(setList(setIn(yaml, ["prompts", name], words), path, [...said, name]));
  };
  return (
    <Fieldset legend={label} className="flow-fieldset" p="xs">
      <Stack gap="xs">
        {said.map((ref, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a prompt may be said twice, and its place is what it is
          <div key={n}>
            <Group gap={4} wrap="nowrap" align="flex-end">
              <NativeSelect
                size="xs"
                flex={1}
                aria-label={t("flows.edit.prompt_n", { label, n: n + 1 })}
                value={ref}
                data={choicesOf(flow, names, ref)}
                onChange={(e) => give(said.with(n, e.currentTarget.value))}
              />
              <Tooltip label={t("flows.edit.unsay", { ref })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("flows.edit.unsay", { ref })}
                  onClick={() => give(said.filter((_, i) => i !== n))}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </Group>
            <PromptWords flow={flow} yaml={yaml} reference={ref} change={change} />
          </div>
        ))}
        <Group gap={6}>
          {names.length > 0 && (
            <NativeSelect
              size="xs"
              aria-label={t("flows.edit.say_too", { label })}
              value=""
              data={[{ value: "", label: t("flows.edit.say_more") }, ...names]}
              onChange={(e) => e.currentTarget.value && give([...said, e.currentTarget.value])}
            />
          )}
          <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} aria-hidden />} onClick={fresh}>
            {t("flows.edit.new_prompt")}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** A prompt in the caller's language, or always in one of them. */
function choicesOf(flow: Flow, names: string[], ref: string) {
  const all = names.flatMap((n) => [n, ...flow.languages.map((l) => `${n}@${l}`)]);
  const shown = all.filter((a) => !a.includes("@") || a.replace(/@.*/, "") === ref.replace(/@.*/, ""));
  return shown.includes(ref)
    ? shown
    : [{ value: ref, label: `${ref} ?` }, ...shown.map((s) => ({ value: s, label: s }))];
}

type WordsOf = { flow: Flow; yaml: string; reference: string; change: FieldProps["change"] };

function PromptWords({ flow, yaml, reference, change }: WordsOf) {
  const { t } = useTranslation();
  const [name = "", only] = reference.split("@");
  const words = flow.prompts[name];
  if (!words) return null;
  return (
    <Stack gap={4} mt={4}>
      {flow.languages
        .filter((l) => !only || l === only)
        .map((l) => (
          <Textarea
            key={l}
            size="xs"
            autosize
            minRows={1}
            lang={l}
            aria-label={t("flows.edit.words_of", { name, language: l })}
            placeholder={l}
            value={words[l] ?? ""}
            error={!words[l] && t("flows.edit.no_words", { language: l })}
            onChange={(e) => change(setIn(yaml, ["prompts", name, l], e.currentTarget.value), `prompts.${name}.${l}`)}
          />
        ))}
    </Stack>
  );
}

/** A text in each language of the flow. */
export function Words({ flow, yaml, path, value, change, label }: FieldProps & { label: string }) {
  return (
    <Fieldset legend={label} className="flow-fieldset" p="xs">
      <TextIn flow={flow} yaml={yaml} path={path} value={value} change={change} label={label} />
    </Fieldset>
  );
}

type TextInProps = Pick<FieldProps, "flow" | "yaml" | "path" | "value" | "change"> & { label: string };

export function TextIn({ flow, yaml, path, value, change, label }: TextInProps) {
  const words = (value ?? {}) as Record<string, unknown>;
  const set = (l: string, v: string) => {
    const full: Path = [...path, l];
    change(put(yaml, full, v), full.join("."));
  };
  return (
    <Group gap={4} grow>
      {flow.languages.map((l) => (
        <Textarea
          key={l}
          size="xs"
          autosize
          minRows={1}
          lang={l}
          aria-label={`${label} ${l}`}
          placeholder={l}
          value={String(at(words, l) ?? "")}
          onChange={(e) => set(l, e.currentTarget.value)}
        />
      ))}
    </Group>
  );
}
