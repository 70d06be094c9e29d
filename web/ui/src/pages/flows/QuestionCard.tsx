import { ActionIcon, Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconGripVertical,
  IconPlus,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "./Faults";
import { linesAt, type Path, removeIn, renameIn, setIn } from "./patch";
import { questionKinds } from "./questions";
import { FaultText } from "./StepForm";
import { Said, type SurveyProps } from "./SurveyForm";
import { put } from "./steps";
import { answersOf, changeKind, copyQuestion, dropWay, type Question, renameQuestion, renameWay } from "./survey";

type Placed = { fault: Fault; field: string };
type CardProps = Omit<SurveyProps, "faults"> & {
  question: Question;
  n: number;
  faults: Placed[];
  /** `key` is the one that was pressed, which keeps the focus. */
  move: (from: number, to: number, key: string) => void;
};

/** One question: how it is answered, its words, and where answers lead. */
export function QuestionCard(props: CardProps) {
  const { t } = useTranslation();
  const { question: q, n, yaml, survey, change } = props;
  const known = q.kind in questionKinds;
  const [over, setOver] = useState(false);
  const at = (field: string) =>
    props.faults
      .filter((p) => p.field === field)
      .map((p) => <FaultText key={`${p.fault.line} ${p.fault.message}`} fault={p.fault} />);
  return (
    <li
      onDragOver={(e) => {
        if (!e.dataTransfer.types.includes(dragged)) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        props.move(Number(e.dataTransfer.getData(dragged)), n, "");
      }}
    >
      <Paper
        withBorder
        p="sm"
        className={[
          "survey-card",
          over && "over",
          props.asked === q.id && "asked",
          props.faults.some((p) => !p.fault.warning) && "faulty",
        ]
          .filter(Boolean)
          .join(" ")}
        data-testid={`question-${n + 1}`}
      >
        <Stack gap="sm">
          <Head {...props} />
          {at("")}
          {at("kind")}
          <Said
            survey={survey}
            yaml={yaml}
            change={change}
            label={t("flows.survey.text")}
            path={["questions", n, "text"]}
            said={q.text}
            needed
            faults={props.faults.filter((p) => p.field === "text").map((p) => p.fault)}
          />
          {!questionKinds[q.kind]?.spoken && (
            <Said
              survey={survey}
              yaml={yaml}
              change={change}
              label={t("flows.survey.web")}
              hint={t("flows.survey.web_hint")}
              path={["questions", n, "web"]}
              said={q.web}
              needed={false}
              faults={props.faults.filter((p) => p.field === "web").map((p) => p.fault)}
            />
          )}
          {q.kind === "choice" && <Options {...props} />}
          {at("options")}
          {known && <Ways {...props} />}
          {at("then")}
          {!known && (
            <Group gap="xs">
              <Text size="sm">{t("flows.survey.unknown_kind", { kind: q.kind })}</Text>
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => props.showText(linesAt(yaml, ["questions", n])?.[0] ?? 1)}
              >
                {t("flows.edit.as_yaml")}
              </Button>
            </Group>
          )}
          <Rest {...props} at={at} />
        </Stack>
      </Paper>
    </li>
  );
}

const dragged = "application/x-question";

function Head({ question: q, n, yaml, survey, change, move, fixed }: CardProps) {
  const { t } = useTranslation();
  const kinds = Object.keys(questionKinds);
  const last = survey.questions.length - 1;
  const key = (name: string, label: string, icon: ReactNode, does: () => void, off = false) => (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        aria-disabled={off}
        data-testid={`question-${n + 1}-${name}`}
        onClick={() => !off && does()}
        className={off ? "survey-off" : undefined}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Group gap={6}>
      {!fixed && (
        <Tooltip label={t("flows.survey.drag")}>
          {/* The arrows beside it do the same by keyboard. */}
          <span
            className="survey-grip"
            draggable
            aria-hidden
            onDragStart={(e) => {
              e.dataTransfer.setData(dragged, String(n));
              e.dataTransfer.effectAllowed = "move";
            }}
          >
            <IconGripVertical size={16} />
          </span>
        </Tooltip>
      )}
      <Text fw={700} flex="0 0 auto">
        {t("flows.survey.nth", { n: n + 1 })}
      </Text>
      <NativeSelect
        size="xs"
        flex={1}
        miw={150}
        aria-label={t("flows.survey.kind_of", { n: n + 1 })}
        value={q.kind}
        data={[
          ...(kinds.includes(q.kind) ? [] : [{ value: q.kind, label: q.kind || "–" }]),
          ...kinds.map((value) => ({ value, label: t(`flows.survey.kind.${value}`) })),
        ]}
        onChange={(e) => change(changeKind(yaml, survey, n, e.currentTarget.value))}
        data-testid={`question-${n + 1}-kind`}
      />
      {!fixed && (
        <Group gap={0} wrap="nowrap">
          {key(
            "up",
            t("flows.survey.up", { n: n + 1 }),
            <IconArrowUp size={16} />,
            () => move(n, n - 1, "up"),
            n === 0,
          )}
          {key(
            "down",
            t("flows.survey.down", { n: n + 1 }),
            <IconArrowDown size={16} />,
            () => move(n, n + 1, "down"),
            n === last,
          )}
          {key("copy", t("flows.survey.copy", { n: n + 1 }), <IconCopy size={16} />, () =>
            change(copyQuestion(yaml, survey, n)),
          )}
          {key("remove", t("flows.survey.remove", { n: n + 1 }), <IconTrash size={16} />, () =>
            change(removeIn(yaml, ["questions", n])),
          )}
        </Group>
      )}
    </Group>
  );
}

/** What can be chosen, by the digit that is pressed. */
function Options({ question: q, n, yaml, survey, change, fixed }: CardProps) {
  const { t } = useTranslation();
  const path: Path = ["questions", n, "options"];
  const free = [..."1234567890"].find((d) => !q.options.some(([have]) => have === d));
  return (
    <section aria-label={t("flows.survey.options")}>
      <Text size="sm" fw={600}>
        {t("flows.survey.options")}
      </Text>
      <Text size="xs" c="dimmed">
        {t("flows.survey.options_hint")}
      </Text>
      <Stack gap={4} mt={4}>
        {q.options.map(([digit, label]) => (
          <Group key={digit} gap={4} wrap="nowrap">
            <NativeSelect
              size="xs"
              w={64}
              aria-label={t("flows.survey.option_digit", { digit })}
              value={digit}
              data={[..."1234567890"].filter((d) => d === digit || !q.options.some(([have]) => have === d))}
              onChange={(e) => change(renameIn(yaml, [...path, digit], e.currentTarget.value))}
            />
            {survey.languages.map((l) => (
              <TextInput
                key={l}
                size="xs"
                flex={1}
                lang={l}
                aria-label={`${t("flows.survey.option_label", { digit })} ${t(`flows.language.${l}`, { defaultValue: l })}`}
                placeholder={t(`flows.language.${l}`, { defaultValue: l })}
                value={label[l] ?? ""}
                onChange={(e) =>
                  change(setIn(yaml, [...path, digit, l], e.currentTarget.value), `${path.join(".")}.${digit}.${l}`)
                }
              />
            ))}
            {!fixed && (
              <Drop
                label={t("flows.survey.drop_option", { digit })}
                does={() => change(removeIn(yaml, [...path, digit]))}
              />
            )}
          </Group>
        ))}
        {!fixed && free && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={12} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
            onClick={() =>
              change(setIn(yaml, [...path, free], Object.fromEntries(survey.languages.map((l) => [l, ""]))))
            }
          >
            {t("flows.survey.add_option")}
          </Button>
        )}
      </Stack>
    </section>
  );
}

function Drop({ label, does }: { label: string; does: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={does}>
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** Answers that lead elsewhere than to the next question. */
function Ways({ question: q, n, yaml, survey, change, fixed }: CardProps) {
  const { t, i18n } = useTranslation();
  const path: Path = ["questions", n, "then"];
  const answers = answersOf(q, i18n.language.startsWith("zh") ? "zh-TW" : "en");
  const free = answers.find((a) => !q.ways.some(([have]) => have === a.value));
  const later = survey.questions.slice(n + 1).map((o, i) => ({
    value: o.id,
    label: `${t("flows.survey.nth", { n: n + i + 2 })} ${o.id}`,
  }));
  const targets = [...later, { value: "end", label: t("flows.survey.end") }];
  if (fixed && q.ways.length === 0) return null;
  return (
    <section aria-label={t("flows.survey.ways")}>
      <Text size="sm" fw={600}>
        {t("flows.survey.ways")}
      </Text>
      <Stack gap={4} mt={4}>
        {q.ways.length === 0 && (
          <Text size="xs" c="dimmed">
            {t("flows.survey.no_ways")}
          </Text>
        )}
        {q.ways.map(([answer, to]) => (
          <Group key={answer} gap={4} wrap="nowrap">
            <NativeSelect
              size="xs"
              flex={1}
              aria-label={t("flows.survey.way_answer", { answer })}
              value={answer}
              data={[
                ...(answers.some((a) => a.value === answer) ? [] : [{ value: answer, label: `${answer} ?` }]),
                ...answers.filter((a) => a.value === answer || !q.ways.some(([have]) => have === a.value)),
              ]}
              onChange={(e) => change(renameWay(yaml, n, answer, e.currentTarget.value))}
            />
            <Text size="xs" aria-hidden>
              →
            </Text>
            <NativeSelect
              size="xs"
              flex={1}
              aria-label={t("flows.survey.way_to", { answer })}
              value={to}
              data={[...(targets.some((o) => o.value === to) ? [] : [{ value: to, label: `${to} ?` }]), ...targets]}
              onChange={(e) => change(setIn(yaml, [...path, answer], e.currentTarget.value))}
            />
            {!fixed && (
              <Drop label={t("flows.survey.drop_way", { answer })} does={() => change(dropWay(yaml, n, answer))} />
            )}
          </Group>
        ))}
        {!fixed && free && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={12} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => change(setIn(yaml, [...path, free.value], "end"))}
            data-testid={`question-${n + 1}-add-way`}
          >
            {t("flows.survey.add_way")}
          </Button>
        )}
      </Stack>
    </section>
  );
}

const seconds = [3, 4, 5, 6, 8, 10, 12, 15, 20, 30];

/** How long, how often, what then, and the name in the results. */
function Rest({ question: q, n, yaml, survey, change, at }: CardProps & { at: (field: string) => ReactNode }) {
  const { t } = useTranslation();
  const path = (key: string): Path => ["questions", n, key];
  const pick = (
    key: "wait" | "tries" | "fail" | "longest",
    usual: string,
    data: { value: string; label: string }[],
  ) => (
    <div>
      <NativeSelect
        size="xs"
        label={t(`flows.survey.${key}`)}
        value={q[key] || usual}
        data={[...(data.some((d) => d.value === (q[key] || usual)) ? [] : [{ value: q[key], label: q[key] }]), ...data]}
        onChange={(e) => {
          const to = e.currentTarget.value;
          const number = key === "tries" ? Number(to) : to;
          change(to === usual && q[key] === "" ? yaml : put(yaml, path(key), number));
        }}
      />
      {at(key)}
    </div>
  );
  return (
    <div className="survey-rest">
      {questionKinds[q.kind]?.spoken &&
        pick(
          "longest",
          "1m",
          ["30s", "1m", "2m", "3m", "5m"].map((value) => ({ value, label: t(`flows.survey.long.${value}`) })),
        )}
      {pick(
        "wait",
        "6s",
        seconds.map((s) => ({ value: `${s}s`, label: t("flows.survey.seconds", { n: s }) })),
      )}
      {pick(
        "tries",
        "2",
        [1, 2, 3, 4, 5].map((x) => ({ value: String(x), label: t("flows.survey.times", { count: x }) })),
      )}
      {pick("fail", "skip", [
        { value: "skip", label: t("flows.survey.skip") },
        { value: "end", label: t("flows.survey.finish") },
      ])}
      <div>
        <Name id={q.id} give={(id) => change(renameQuestion(yaml, survey, n, id))} />
        {at("id")}
      </div>
    </div>
  );
}

/** It counts when it is left, so that half a name is no other question. */
function Name({ id, give }: { id: string; give: (id: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const done = () => typed !== id && typed !== "" && give(typed);
  return (
    <TextInput
      size="xs"
      label={t("flows.survey.id")}
      value={typed}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onBlur={done}
      onKeyDown={(e) => e.key === "Enter" && done()}
    />
  );
}
