import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Cases } from "./Cases";
import { Choose, Field, ItemButtons, onMoveKey, PartFault, useEditing, WordsField } from "./fields";
import { add, answerer, type Choice, freeId, move, type Path, type Question, remove, setField } from "./text";

const kinds = ["yes_no", "points", "scale", "choice"];

/** The answers that a question allows, as the server counts them. */
function useValues(q: Question) {
  const { t } = useTranslation();
  const numbers = (from: number) => {
    const most = Math.min(20, Number(q.most) || 0);
    return Array.from({ length: Math.max(0, most - from + 1) }, (_, n) => String(from + n));
  };
  const all: Record<string, () => { value: string; label: string }[]> = {
    yes_no: () => ["no", "yes"].map((value) => ({ value, label: t(`quality.value.${value}`) })),
    points: () => numbers(0).map((value) => ({ value, label: value })),
    scale: () => numbers(1).map((value) => ({ value, label: value })),
    choice: () => q.choices.map((c) => ({ value: c.id, label: c.text["zh-TW"] || c.text.en || c.id })),
  };
  return [...(all[q.kind]?.() ?? []), ...(q.na ? [{ value: "na", label: t("quality.value.na") }] : [])];
}

/** Everything of one question. */
export function QuestionForm({ question: q, path }: { question: Question; path: Path }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const values = useValues(q);
  const by = answerer(q);
  const at = (...more: Path) => [...path, ...more];
  const chooseKind = (kind: string) =>
    change((y) => {
      let out = setField(y, at("kind"), kind);
      if (kind === "yes_no" || kind === "choice") out = setField(out, at("most"), "");
      else if (q.most === "") out = setField(out, at("most"), "5");
      if (kind !== "choice") out = setField(out, at("choices"), "");
      else if (q.choices.length === 0)
        for (const [n, share] of [100, 0].entries())
          out = add(out, at("choices"), newChoice(`choice-${n + 1}`, share, t));
      return out;
    });
  const chooseBy = (who: string) =>
    change((y) => {
      if (who === "rules") {
        const out = setField(y, at("by"), "");
        return q.cases.length > 0 ? out : add(out, at("cases"), { give: values.at(q.na ? -2 : -1)?.value ?? "" });
      }
      return setField(setField(y, at("cases"), ""), at("by"), who === "model" ? who : "");
    });
  return (
    <Stack gap="xs" p="xs" className="card-question">
      <WordsField label={t("card.text")} value={q.text} path={at("text")} />
      <WordsField label={t("card.help")} value={q.help} path={at("help")} />
      <Group gap="xs" align="flex-start">
        <Field label={t("card.id")} value={q.id} path={at("id")} width={130} />
        <Field numeric label={t("card.weight")} value={q.weight} path={at("weight")} width={80} />
        <Choose
          label={t("card.kind.label")}
          path={at("kind")}
          value={q.kind}
          data={kinds.map((value) => ({ value, label: t(`card.kind.${value}`) }))}
          choose={chooseKind}
        />
        {(q.kind === "points" || q.kind === "scale") && (
          <Field numeric label={t("card.most")} value={q.most} path={at("most")} width={80} />
        )}
        <Choose
          label={t("card.critical.label")}
          path={at("critical")}
          value={q.critical}
          data={["", "section", "card"].map((value) => ({ value, label: t(`card.critical.${value || "none"}`) }))}
        />
        <Choose
          label={t("card.by.label")}
          path={at("by")}
          value={by}
          data={["rules", "model", "person"].map((value) => ({ value, label: t(`scorecard.by.${value}`) }))}
          choose={chooseBy}
        />
        {by !== "person" && <Field numeric label={t("card.floor")} value={q.floor} path={at("floor")} width={110} />}
      </Group>
      <Checkbox
        size="xs"
        label={t("card.na")}
        checked={q.na}
        onChange={(e) => {
          const on = e.currentTarget.checked;
          change((y) => setField(y, at("na"), on));
        }}
      />
      {q.kind === "choice" && <ChoicesForm choices={q.choices} path={at("choices")} />}
      {q.cases.length > 0 && <Cases cases={q.cases} path={at("cases")} values={values} />}
      <PartFault path={path} />
    </Stack>
  );
}

function newChoice(id: string, share: number, t: TFunction) {
  return {
    id,
    text: { "zh-TW": t("card.choice.new", { lng: "zh-TW" }), en: t("card.choice.new", { lng: "en" }) },
    share,
  };
}

function ChoicesForm({ choices, path }: { choices: Choice[]; path: Path }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  return (
    <Stack gap={6}>
      <PartFault path={path} />
      {choices.map((c, n) => {
        const moved = (by: -1 | 1) => change((y) => move(y, path, n, by));
        return (
          <fieldset
            // biome-ignore lint/suspicious/noArrayIndexKey: the id is a field that is being typed.
            key={n}
            aria-label={c.id}
            className="card-case"
            onKeyDown={(e) => onMoveKey(e, path, n, choices.length, moved)}
          >
            <Group gap="xs" align="flex-end">
              <Field label={t("card.id")} value={c.id} path={[...path, n, "id"]} width={110} />
              <Field numeric label={t("card.choice.share")} value={c.share} path={[...path, n, "share"]} width={90} />
              <ItemButtons
                path={path}
                n={n}
                count={choices.length}
                what={c.id}
                move={moved}
                remove={() => change((y) => remove(y, path, n))}
              />
            </Group>
            <WordsField label={t("card.text")} value={c.text} path={[...path, n, "text"]} />
          </fieldset>
        );
      })}
      <Button
        size="compact-xs"
        variant="default"
        w="fit-content"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={() =>
          change((y) =>
            add(
              y,
              path,
              newChoice(
                freeId(
                  "choice",
                  choices.map((c) => c.id),
                ),
                0,
                t,
              ),
            ),
          )
        }
      >
        {t("card.choice.add")}
      </Button>
    </Stack>
  );
}
