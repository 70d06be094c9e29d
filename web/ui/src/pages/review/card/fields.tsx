import { ActionIcon, Badge, Group, NativeSelect, Text, TextInput, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import { createContext, type KeyboardEvent, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../../api/client";
import { type Path, pathName, setField, setWords, sum, type Words } from "./text";
import type { Change } from "./useText";

export type Fault = Schemas["CardFault"];
type Editing = { change: Change; faults: Fault[] };
export const EditingContext = createContext<Editing>({ change: () => {}, faults: [] });
export const useEditing = () => useContext(EditingContext);

/** What is wrong with a field, with its remedy. */
export function useFault(path: Path): string | undefined {
  const name = pathName(path);
  const found = useEditing().faults.filter((f) => f.path === name);
  return found.length > 0 ? found.map((f) => `${f.what} → ${f.remedy}`).join("\n") : undefined;
}

/** How many faults lie in a part of the card. */
export function Faulty({ path }: { path: Path }) {
  const { t } = useTranslation();
  const name = pathName(path);
  const n = useEditing().faults.filter(
    (f) => f.path === name || f.path.startsWith(`${name}.`) || f.path.startsWith(`${name}[`),
  ).length;
  if (n === 0) return null;
  return (
    <Badge size="sm" color="red" variant="filled" autoContrast>
      {t("scorecard.faults", { n })}
    </Badge>
  );
}

/** Faults of a part as a whole: they belong to no field. */
export function PartFault({ path }: { path: Path }) {
  const fault = useFault(path);
  if (!fault) return null;
  return (
    <Text size="xs" c="red" role="alert">
      {fault}
    </Text>
  );
}

/** A field as it is typed. It is taken out of the text only when it is left empty, so that its comment outlives a correction. */
function Typed(props: {
  label: string;
  value: string;
  path: Path;
  write: (value: string) => void;
  width?: number | string;
  grow?: boolean;
  numeric?: boolean;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const fault = useFault(props.path);
  // 1.0 is 1 in the text, and stays what was typed here; what changed in the text meanwhile goes before it.
  const same = typed === "" || typed === props.value || (typed !== null && Number(typed) === Number(props.value));
  const draft = same ? typed : null;
  return (
    <TextInput
      size="xs"
      label={props.label}
      w={props.width}
      style={props.grow ? { flex: "1 1 180px" } : undefined}
      inputMode={props.numeric ? "decimal" : undefined}
      value={draft ?? props.value}
      error={fault}
      data-testid={pathName(props.path)}
      onChange={(e) => {
        const value = e.currentTarget.value;
        setTyped(value);
        if (value !== "") props.write(value);
      }}
      onBlur={() => {
        if (draft === "") props.write("");
        setTyped(null);
      }}
    />
  );
}

export function Field(props: { label: string; value: string; path: Path; width?: number; numeric?: boolean }) {
  const { change } = useEditing();
  const { path } = props;
  return <Typed {...props} write={(v) => change((y) => setField(y, path, v), pathName(path))} />;
}

const languages = ["zh-TW", "en"] as const;

/** A text in both languages. */
export function WordsField({ label, value, path }: { label: string; value: Words; path: Path }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  return (
    <>
      <Group gap="xs" align="flex-start">
        {languages.map((lang) => (
          <Typed
            key={lang}
            grow
            label={`${label}（${t(`card.language.${lang}`)}）`}
            value={value[lang]}
            path={[...path, lang]}
            write={(v) => change((y) => setWords(y, path, lang, v), pathName([...path, lang]))}
          />
        ))}
      </Group>
      <PartFault path={path} />
    </>
  );
}

export function Choose(props: {
  label: string;
  value: string;
  path: Path;
  data: { value: string; label: string }[];
  choose?: (value: string) => void;
  width?: number;
}) {
  const { change } = useEditing();
  const fault = useFault(props.path);
  const known = props.data.some((d) => d.value === props.value);
  return (
    <NativeSelect
      size="xs"
      w={props.width}
      label={props.label}
      value={props.value}
      error={fault}
      data={known ? props.data : [...props.data, { value: props.value, label: props.value || "–" }]}
      data-testid={pathName(props.path)}
      onChange={(e) => {
        const value = e.currentTarget.value;
        if (props.choose) props.choose(value);
        else change((y) => setField(y, props.path, value));
      }}
    />
  );
}

/** What weights make, as one types. */
export function Sum({ weights, path, of }: { weights: string[]; path: Path; of: string }) {
  const { t } = useTranslation();
  const total = sum(weights);
  const whole = total === 100;
  return (
    <Text size="xs" c={whole ? "dimmed" : "red"} role="status" data-testid={`sum-${pathName(path)}`}>
      {total === null && t("card.sum.unknown", { of })}
      {whole && t("card.sum.whole", { of })}
      {total !== null && total < 100 && t("card.sum.less", { of, n: total, by: 100 - total })}
      {total !== null && total > 100 && t("card.sum.more", { of, n: total, by: total - 100 })}
    </Text>
  );
}

/** Moves and removes an item of a list; after a move the focus stays with it. */
export function ItemButtons(props: {
  path: Path;
  n: number;
  count: number;
  what: string;
  move: (by: -1 | 1) => void;
  remove: () => void;
}) {
  const { t } = useTranslation();
  const id = (n: number, way: string) => `${pathName([...props.path, n])}-${way}`;
  const go = (by: -1 | 1) => {
    props.move(by);
    const to = props.n + by;
    const way = by < 0 ? (to > 0 ? "up" : "down") : to < props.count - 1 ? "down" : "up";
    requestAnimationFrame(() => document.getElementById(id(to, way))?.focus());
  };
  const button = (way: string, label: string, icon: typeof IconArrowUp, act: () => void, disabled: boolean) => {
    const Icon = icon;
    return (
      <Tooltip label={label}>
        <ActionIcon
          id={id(props.n, way)}
          size="sm"
          variant="subtle"
          color="gray"
          disabled={disabled}
          aria-label={`${label}：${props.what}`}
          onClick={act}
        >
          <Icon size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    );
  };
  return (
    <Group gap={2} wrap="nowrap" flex="none">
      {button("up", t("card.up"), IconArrowUp, () => go(-1), props.n === 0)}
      {button("down", t("card.down"), IconArrowDown, () => go(1), props.n === props.count - 1)}
      {button("remove", t("card.remove"), IconTrash, props.remove, false)}
    </Group>
  );
}

/** Alt with an arrow moves the item in which the focus is; the focus goes with it. */
export function onMoveKey(e: KeyboardEvent, list: Path, n: number, count: number, move: (by: -1 | 1) => void) {
  if (!e.altKey || (e.key !== "ArrowUp" && e.key !== "ArrowDown")) return;
  const by = e.key === "ArrowUp" ? -1 : 1;
  e.preventDefault();
  e.stopPropagation();
  if (n + by < 0 || n + by >= count) return;
  const { id, dataset } = document.activeElement as HTMLElement;
  const there = (name: string) => name.replace(pathName([...list, n]), pathName([...list, n + by]));
  move(by);
  requestAnimationFrame(() => {
    const same = id.includes("[") ? document.getElementById(there(id)) : null;
    (same ?? document.querySelector<HTMLElement>(`[data-testid="${there(dataset.testid ?? "")}"]`))?.focus();
  });
}

/** Where something is after two neighbours have changed places. */
export function swapped(name: string, list: Path, n: number, by: -1 | 1): string {
  const [a, b] = [pathName([...list, n]), pathName([...list, n + by])];
  if (name.startsWith(a)) return b + name.slice(a.length);
  return name.startsWith(b) ? a + name.slice(b.length) : name;
}
