import { Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "./Faults";
import { moveIn, type Path } from "./patch";
import { QuestionCard } from "./QuestionCard";
import { questionKinds } from "./questions";
import { SpokenLanguages } from "./SpokenLanguages";
import { FaultText } from "./StepForm";
import { addQuestion, type around, placeOf, type Survey, say, type Texts } from "./survey";

export type SurveyProps = {
  survey: Survey;
  yaml: string;
  faults: Fault[];
  fixed?: boolean;
  /** The question that a walk has come to. */
  asked?: string;
  change: (text: string, tag?: string) => void;
  showText: (line: number) => void;
};

/** A survey as a form: what is said around the questions, and each question as a card. */
export function SurveyForm(props: SurveyProps) {
  const { t } = useTranslation();
  const { survey, yaml, change } = props;
  const placed = useMemo(
    () => props.faults.map((fault) => ({ fault, ...placeOf(yaml, survey, fault) })),
    [props.faults, yaml, survey],
  );
  const moved = useMoved(props);
  const at = (field: string) => placed.filter((p) => p.question === undefined && p.field === field);
  const part = (key: (typeof around)[number]) => (
    <Said
      {...props}
      label={t(`flows.survey.${key}`)}
      hint={t(`flows.survey.${key}_hint`)}
      path={[key]}
      said={survey.said[key] ?? {}}
      needed={key === "thanks"}
      faults={at(key).map((p) => p.fault)}
    />
  );
  if (survey.broken)
    return (
      <Text size="sm" c="red" role="alert">
        {t("flows.edit.broken")}
      </Text>
    );
  return (
    <fieldset disabled={props.fixed} className="flow-form">
      <Stack gap="md">
        {at("").map((p) => (
          <FaultText key={`${p.fault.line} ${p.fault.message}`} fault={p.fault} />
        ))}
        <SpokenLanguages languages={survey.languages} yaml={yaml} change={change} />
        {at("languages").map((p) => (
          <FaultText key={p.fault.message} fault={p.fault} />
        ))}
        {part("intro")}
        <ol className="survey-cards" aria-label={t("flows.survey.questions")}>
          {survey.questions.map((q, n) => (
            <QuestionCard
              // biome-ignore lint/suspicious/noArrayIndexKey: names may be there twice while one types
              key={`${q.id} ${n}`}
              {...props}
              question={q}
              n={n}
              faults={placed.filter((p) => p.question === n)}
              move={moved.move}
            />
          ))}
        </ol>
        <p className="visually-hidden" role="status">
          {moved.told}
        </p>
        <AddQuestion {...props} add={(kind) => change(addQuestion(yaml, survey, kind))} />
        {part("thanks")}
        {part("goodbye")}
        {part("invalid")}
        {part("silent")}
      </Stack>
    </fieldset>
  );
}

/** Moves a question, says so to who cannot see it, and leaves the focus on the key that was pressed. */
function useMoved({ yaml, change, survey }: SurveyProps) {
  const { t } = useTranslation();
  const [told, tell] = useState("");
  const focus = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is in another place once the text has changed
  useEffect(() => {
    if (focus.current) document.querySelector<HTMLElement>(`[data-testid="${focus.current}"]`)?.focus();
    focus.current = null;
  }, [yaml]);
  const move = (from: number, to: number, key: string) => {
    if (to < 0 || to >= survey.questions.length || from === to) return;
    focus.current = key === "" ? null : `question-${to + 1}-${key}`;
    tell(t("flows.survey.moved", { from: from + 1, to: to + 1 }));
    change(moveIn(yaml, ["questions"], from, to));
  };
  return { told, move };
}

function AddQuestion({ survey, add }: SurveyProps & { add: (kind: string) => void }) {
  const { t } = useTranslation();
  return (
    <div>
      {survey.questions.length === 0 && (
        <Text size="sm" c="dimmed" mb={4}>
          {t("flows.survey.none")}
        </Text>
      )}
      <Group gap={6}>
        <Text size="sm">{t("flows.survey.add")}</Text>
        {Object.keys(questionKinds).map((kind) => (
          <Button
            key={kind}
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={13} aria-hidden />}
            onClick={() => add(kind)}
            data-testid={`add-${kind}`}
          >
            {t(`flows.survey.kind.${kind}`)}
          </Button>
        ))}
      </Group>
    </div>
  );
}

type SaidProps = Pick<SurveyProps, "survey" | "yaml" | "change"> & {
  label: string;
  hint?: string;
  path: Path;
  said: Texts;
  /** It may not be left out. */
  needed: boolean;
  faults: Fault[];
};

/** Words in every language of the survey. */
export function Said({ survey, yaml, change, label, hint, path, said, needed, faults }: SaidProps) {
  const { t } = useTranslation();
  const some = needed || Object.values(said).some(Boolean);
  return (
    <section aria-label={label}>
      <Title order={3} size="sm" fw={600}>
        {label}
      </Title>
      {hint && (
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      )}
      <div className="survey-words">
        {survey.languages.map((l) => (
          <Textarea
            key={l}
            size="sm"
            autosize
            minRows={1}
            lang={l}
            label={survey.languages.length > 1 ? t(`flows.language.${l}`, { defaultValue: l }) : undefined}
            aria-label={`${label} ${t(`flows.language.${l}`, { defaultValue: l })}`}
            value={said[l] ?? ""}
            error={some && !said[l] && t("flows.survey.no_words")}
            onChange={(e) => change(say(yaml, path, said, l, e.currentTarget.value), `${path.join(".")}.${l}`)}
          />
        ))}
      </div>
      {faults
        .filter((f) => !/no words in|is empty in/.test(f.message))
        .map((f) => (
          <FaultText key={`${f.line} ${f.message}`} fault={f} />
        ))}
    </section>
  );
}
