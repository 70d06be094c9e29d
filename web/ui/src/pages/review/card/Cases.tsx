import { Button, Group, MultiSelect, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useRuleNames } from "../../rules/names";
import { Choose, Field, ItemButtons, onMoveKey, PartFault, useEditing, useFault } from "./fields";
import { add, type Case, move, type Path, pathName, remove, setField } from "./text";

const conditions = ["found", "class", "missing"] as const;
type Condition = (typeof conditions)[number];
type Choices = { value: string; label: string }[];

/** How the rules answer: the first case that applies. */
export function Cases({ cases, path, values }: { cases: Case[]; path: Path; values: Choices }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const { rules } = useRuleNames();
  const first = rules[0]?.id ?? "";
  return (
    <Stack gap={6}>
      <Text size="xs" fw={600}>
        {t("card.case.title")}
      </Text>
      <PartFault path={path} />
      {cases.map((k, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a case has no name; its place is what it is.
        <OneCase key={n} one={k} path={path} n={n} count={cases.length} values={values} />
      ))}
      <Button
        size="compact-xs"
        variant="default"
        w="fit-content"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={() => change((y) => add(y, path, { found: [first], give: values[0]?.value ?? "" }))}
      >
        {t("card.case.add")}
      </Button>
    </Stack>
  );
}

function OneCase(props: { one: Case; path: Path; n: number; count: number; values: Choices }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const { one, n, count } = props;
  const { rules } = useRuleNames();
  const path = [...props.path, n];
  const used = conditions.filter((c) => one[c].length > 0);
  const kind = used[0] ?? "";
  const firstOf = (c: string) => (c === "class" ? rules[0]?.class : rules[0]?.id) ?? "";
  const choose = (to: string) =>
    change((y) => {
      let out = y;
      for (const c of conditions) if (c !== to) out = setField(out, [...path, c], "");
      if (to === "") for (const f of ["role", "at-least", "over"]) out = setField(out, [...path, f], "");
      else out = setField(out, [...path, to], [firstOf(to)]);
      return out;
    });
  const moved = (by: -1 | 1) => change((y) => move(y, props.path, n, by));
  return (
    <fieldset
      aria-label={t("card.case.n", { n: n + 1 })}
      className="card-case"
      onKeyDown={(e) => onMoveKey(e, props.path, n, count, moved)}
    >
      <Group gap="xs" align="flex-end">
        {used.length < 2 && (
          <Choose
            label={t("card.case.when")}
            path={[...path, "when"]}
            value={kind}
            data={["", ...conditions].map((value) => ({ value, label: t(`card.case.${value || "always"}`) }))}
            choose={choose}
          />
        )}
        {used.map((c) => (
          <Named key={c} condition={c} chosen={one[c]} path={[...path, c]} />
        ))}
        {kind !== "" && (
          <>
            <Choose
              label={t("card.case.role")}
              path={[...path, "role"]}
              value={one.role}
              data={["", "agent", "caller"].map((value) => ({
                value,
                label: value ? t(`rules.role.${value}`) : t("card.case.both"),
              }))}
            />
            <Field
              numeric
              width={90}
              label={t("card.case.at_least")}
              path={[...path, "at-least"]}
              value={one.atLeast}
            />
            <Field numeric width={90} label={t("card.case.over")} path={[...path, "over"]} value={one.over} />
          </>
        )}
        <Choose label={t("card.case.give")} path={[...path, "give"]} value={one.give} data={props.values} />
        <ItemButtons
          path={props.path}
          n={n}
          count={count}
          what={t("card.case.n", { n: n + 1 })}
          move={moved}
          remove={() => change((y) => remove(y, props.path, n))}
        />
      </Group>
      <PartFault path={path} />
    </fieldset>
  );
}

/** Rules of the live book, or their classes. */
function Named({ condition, chosen, path }: { condition: Condition; chosen: string[]; path: Path }) {
  const { t, i18n } = useTranslation();
  const { change } = useEditing();
  const { rules, name } = useRuleNames();
  const fault = useFault(path);
  const known = condition === "class" ? [...new Set(rules.map((r) => r.class))] : rules.map((r) => r.id);
  const label = (value: string) => {
    if (condition === "class") return i18n.exists(`quality.class.${value}`) ? t(`quality.class.${value}`) : value;
    const words = name(value);
    return words === value ? value : `${words}（${value}）`;
  };
  return (
    <MultiSelect
      size="xs"
      searchable
      maw={360}
      miw={180}
      label={t(`card.case.${condition === "class" ? "classes" : "rules"}`)}
      error={fault}
      value={chosen}
      data={[...new Set([...known, ...chosen])].map((value) => ({ value, label: label(value) }))}
      data-testid={pathName(path)}
      onChange={(all) => change((y) => setField(y, path, all))}
    />
  );
}
