import { Badge, Button, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { language } from "../../../i18n";
import { Faulty, Field, ItemButtons, onMoveKey, Sum, swapped, useEditing, WordsField } from "./fields";
import { QuestionForm } from "./QuestionForm";
import {
  add,
  answerer,
  type Card,
  freeId,
  move,
  pathName,
  type Question,
  remove,
  type Section,
  type Steps,
  type Words,
} from "./text";
import "./card.css";

const inWords = (w: Words, otherwise: string) =>
  w[language() === "en" ? "en" : "zh-TW"] || w["zh-TW"] || w.en || otherwise;
const stepNames: (keyof Steps)[] = ["days", "remind", "coach", "warn", "report"];

/** The scorecard as a form. Whatever is changed here is changed in its place in the text. */
export function CardForm({ card }: { card: Card }) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const [open, setOpen] = useState("");
  const path = ["sections"];
  const both = (key: string) => ({ "zh-TW": t(key, { lng: "zh-TW" }), en: t(key, { lng: "en" }) });
  const taken = card.sections.flatMap((s) => s.questions.map((q) => q.id));
  const newQuestion = (weight: number) => ({
    id: freeId("question", taken),
    text: both("card.new_question"),
    kind: "yes_no",
    weight,
  });
  const addSection = () => {
    const ids = card.sections.map((s) => s.id);
    change((y) =>
      add(y, path, {
        id: freeId("section", ids),
        name: both("card.new_section"),
        weight: 0,
        questions: [newQuestion(100)],
      }),
    );
  };
  return (
    <Stack gap="sm" data-testid="card-form">
      <WordsField label={t("card.name")} value={card.name} path={["name"]} />
      <Group gap="xs" align="flex-start">
        <Field label={t("card.id")} value={card.id} path={["id"]} width={140} />
        <Field label={t("card.shortest")} value={card.shortest} path={["shortest"]} width={150} />
      </Group>
      <fieldset className="card-steps">
        <legend>{t("card.steps.title")}</legend>
        <Group gap="xs" align="flex-start">
          {stepNames.map((s) => (
            <Field key={s} numeric width={100} label={t(`card.steps.${s}`)} value={card.steps[s]} path={["steps", s]} />
          ))}
        </Group>
      </fieldset>
      <Sum weights={card.sections.map((s) => s.weight)} path={path} of={t("card.sum.sections")} />
      {card.sections.map((s, n) => (
        <SectionForm
          // biome-ignore lint/suspicious/noArrayIndexKey: the id is a field that is being typed.
          key={n}
          section={s}
          n={n}
          count={card.sections.length}
          open={open}
          setOpen={setOpen}
          newQuestion={newQuestion}
        />
      ))}
      <Button
        size="xs"
        variant="default"
        w="fit-content"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={addSection}
        data-testid="add-section"
      >
        {t("card.add_section")}
      </Button>
    </Stack>
  );
}

function SectionForm(props: {
  section: Section;
  n: number;
  count: number;
  open: string;
  setOpen: (path: string) => void;
  newQuestion: (weight: number) => Record<string, unknown>;
}) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const { section: s, n, count } = props;
  const path = ["sections", n];
  const moved = (by: -1 | 1) => {
    props.setOpen(swapped(props.open, ["sections"], n, by));
    change((y) => move(y, ["sections"], n, by));
  };
  const questions = [...path, "questions"];
  const name = inWords(s.name, s.id || t("card.section_n", { n: n + 1 }));
  return (
    <Paper
      withBorder
      p="xs"
      component="section"
      aria-label={name}
      data-testid={pathName(path)}
      onKeyDown={(e) => onMoveKey(e, ["sections"], n, count, moved)}
    >
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Group gap="xs">
          <Text fw={650} size="sm">
            {name}
          </Text>
          <Faulty path={path} />
        </Group>
        <ItemButtons
          path={["sections"]}
          n={n}
          count={count}
          what={name}
          move={moved}
          remove={() => {
            props.setOpen("");
            change((y) => remove(y, ["sections"], n));
          }}
        />
      </Group>
      <Stack gap="xs">
        <WordsField label={t("card.section_name")} value={s.name} path={[...path, "name"]} />
        <Group gap="xs" align="flex-start">
          <Field label={t("card.id")} value={s.id} path={[...path, "id"]} width={140} />
          <Field numeric label={t("card.weight")} value={s.weight} path={[...path, "weight"]} width={90} />
        </Group>
        <Sum weights={s.questions.map((q) => q.weight)} path={questions} of={t("card.sum.questions")} />
        {s.questions.map((q, k) => (
          <QuestionRow
            // biome-ignore lint/suspicious/noArrayIndexKey: the id is a field that is being typed.
            key={k}
            question={q}
            section={n}
            n={k}
            count={s.questions.length}
            open={props.open}
            setOpen={props.setOpen}
          />
        ))}
        <Button
          size="compact-xs"
          variant="default"
          w="fit-content"
          leftSection={<IconPlus size={12} aria-hidden />}
          onClick={() => {
            change((y) => add(y, questions, props.newQuestion(s.questions.length === 0 ? 100 : 0)));
            props.setOpen(pathName([...questions, s.questions.length]));
          }}
          data-testid={`add-${pathName(questions)}`}
        >
          {t("card.add_question")}
        </Button>
      </Stack>
    </Paper>
  );
}

function QuestionRow(props: {
  question: Question;
  section: number;
  n: number;
  count: number;
  open: string;
  setOpen: (path: string) => void;
}) {
  const { t } = useTranslation();
  const { change } = useEditing();
  const { question: q, n, count } = props;
  const list = ["sections", props.section, "questions"];
  const path = [...list, n];
  const opened = props.open === pathName(path);
  const name = inWords(q.text, q.id || t("card.question_n", { n: n + 1 }));
  const moved = (by: -1 | 1) => {
    props.setOpen(swapped(props.open, list, n, by));
    change((y) => move(y, list, n, by));
  };
  return (
    <fieldset
      aria-label={name}
      className="card-row"
      data-testid={pathName(path)}
      onKeyDown={(e) => onMoveKey(e, list, n, count, moved)}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <UnstyledButton
          aria-expanded={opened}
          onClick={() => props.setOpen(opened ? "" : pathName(path))}
          data-testid={`open-${pathName(path)}`}
          flex="1"
        >
          <Group gap={6} wrap="nowrap" align="flex-start">
            {opened ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
            <div>
              <Text size="sm">{name}</Text>
              <Text size="xs" c="dimmed">
                {[
                  t(`card.kind.${q.kind}`, { defaultValue: q.kind }),
                  t(`scorecard.by.${answerer(q)}`, { defaultValue: q.by }),
                  q.critical && t(`card.critical.${q.critical}`, { defaultValue: q.critical }),
                  q.na && t("quality.value.na"),
                ]
                  .filter(Boolean)
                  .join("　")}
              </Text>
            </div>
          </Group>
        </UnstyledButton>
        <Faulty path={path} />
        <Badge variant="default" size="sm" flex="none">
          {q.weight || "–"}%
        </Badge>
        <ItemButtons
          path={list}
          n={n}
          count={count}
          what={name}
          move={moved}
          remove={() => {
            props.setOpen("");
            change((y) => remove(y, list, n));
          }}
        />
      </Group>
      {opened && <QuestionForm question={q} path={path} />}
    </fieldset>
  );
}
