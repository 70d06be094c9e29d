import { Alert, Button, Chip, Group, Kbd, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconEyeOff, IconRobot, IconRobotOff } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, ProblemError } from "../../api/client";
import { problemText } from "../../components/problem";
import { ByModel } from "../quality/ByModel";
import { at, type Question, type Sheet, sheetKey, useValueName, valuesOf, words } from "../quality/parts";
import { useRuleNames } from "../rules/names";
import { type Draft, keyOfValue, suggested } from "./draft";

/** The scorecard to be filled in; the machine's answer is marked, and why. */
export function Scoring(props: { sheet: Sheet; draft: Draft; current: number; setCurrent: (n: number) => void }) {
  const { t } = useTranslation();
  const { sheet, draft } = props;
  const machine = suggested(sheet);
  const questions = sheet.card.sections.flatMap((s) => s.questions);
  const open = questions.filter((q) => !draft.answers[q.id]?.value).length;
  const unmarked = sheet.findings.filter((f) => f.stands === "" && !draft.marks[f.id]).length;
  const problem = draft.error ? problemText(draft.error, t) : null;
  const detail = draft.error instanceof ProblemError ? draft.error.detail : "";
  return (
    <Stack gap="xs">
      {sheet.blind && (
        <Alert variant="light" p="xs" icon={<IconEyeOff aria-hidden />}>
          {t("review.blind")}
        </Alert>
      )}
      {sheet.card.sections.map((s) => (
        <section key={s.id} aria-label={words(s.name)}>
          <Group justify="space-between">
            <Text fw={600} size="sm">
              {words(s.name)}
            </Text>
            <Text size="xs" c="dimmed">
              {s.weight}%
            </Text>
          </Group>
          {s.questions.map((q) => {
            const n = questions.indexOf(q);
            return (
              <OneQuestion
                key={q.id}
                question={q}
                sheet={sheet}
                draft={draft}
                machine={machine[q.id]}
                current={n === props.current}
                focus={() => props.setCurrent(n)}
              />
            );
          })}
        </section>
      ))}
      <Group justify="space-between" wrap="nowrap">
        <Text size="xs" c="dimmed" role="status">
          {draft.saving ? t("review.saving") : t("review.left", { open, unmarked })}
        </Text>
        <Group gap="xs" wrap="nowrap">
          {!sheet.blind && (
            <Button
              size="compact-sm"
              variant="default"
              rightSection={<Kbd size="xs">A</Kbd>}
              onClick={draft.acceptRest}
            >
              {t("review.accept")}
            </Button>
          )}
          <Button size="compact-sm" rightSection={<Kbd size="xs">F</Kbd>} onClick={draft.finish}>
            {t("review.finish")}
          </Button>
        </Group>
      </Group>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem.title}：{problem.remedy} {detail}
        </Text>
      )}
      <Drop sheet={sheet} />
    </Stack>
  );
}

function OneQuestion(props: {
  question: Question;
  sheet: Sheet;
  draft: Draft;
  machine?: string;
  current: boolean;
  focus: () => void;
}) {
  const { t } = useTranslation();
  const valueName = useValueName();
  const ruleNames = useRuleNames();
  const { question: q, sheet, draft, machine, current } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const given = draft.answers[q.id]?.value ?? "";
  const evidence = sheet.answers.findLast((a) => a.question === q.id && a.source === "rules")?.evidence ?? [];
  return (
    <div ref={row} className="question" aria-current={current ? "true" : undefined} data-testid={`question-${q.id}`}>
      <Text size="sm" id={`question-${q.id}`}>
        {words(q.text)}
        {q.critical && (
          <Text span size="xs" c="red" ml={6}>
            {t(`review.critical.${q.critical}`)}
          </Text>
        )}
      </Text>
      {q.help && current && (
        <Text size="xs" c="dimmed" className="prose">
          {words(q.help)}
        </Text>
      )}
      <Chip.Group
        value={given}
        onChange={(v) => {
          draft.answer(q.id, String(v));
          props.focus();
        }}
      >
        <Group gap={4} mt={4} role="radiogroup" aria-labelledby={`question-${q.id}`}>
          {valuesOf(q).map((v) => (
            <Chip key={v} value={v} size="xs" onFocus={props.focus}>
              {valueName(q, v)}
              {v === machine && (
                <Tooltip label={t("review.machine_says")}>
                  <IconRobot size={12} role="img" aria-label={t("review.machine_says")} />
                </Tooltip>
              )}
              {current && keyOfValue(q, v) !== "" && keyOfValue(q, v) !== v && (
                <Text span size="xs" c="dimmed" ml={4}>
                  {keyOfValue(q, v)}
                </Text>
              )}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {sheet.off.includes(q.id) && (
        <Text size="xs" c="dimmed">
          <IconRobotOff size={12} aria-hidden /> {t("review.off")}
        </Text>
      )}
      {(current || !machine) && <ByModel sheet={sheet} question={q} />}
      {current && evidence.length > 0 && (
        <Text size="xs" c="dimmed">
          {t("review.because", {
            list: evidence
              .map((e) => [at(e.start_ms), e.heard || ruleNames.name(e.rule)].filter(Boolean).join(" "))
              .join("、"),
          })}
        </Text>
      )}
      {current && given !== "" && (
        <TextInput
          size="xs"
          mt={4}
          aria-label={t("review.note")}
          placeholder={t("review.note")}
          maxLength={2000}
          value={draft.answers[q.id]?.note ?? ""}
          onChange={(e) => draft.note(q.id, e.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** Gives the call back to the list. */
function Drop({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/review/{id}", { params: { path: { id: sheet.mine?.id ?? 0 } } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: sheetKey(sheet.leg) });
      void client.invalidateQueries({ queryKey: ["review"] });
    },
  });
  return (
    <Button size="compact-xs" variant="subtle" color="gray" loading={drop.isPending} onClick={() => drop.mutate()}>
      {t("review.drop")}
    </Button>
  );
}
