import { Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconRobot, IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { percent } from "../../lib/format";
import { ByModel } from "./ByModel";
import { type Sheet, useValueName, words } from "./parts";

/** The scorecard as it was answered: the machine's value and each person's beside one another. */
export function Answers({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation();
  const valueName = useValueName();
  return (
    <Stack gap="sm">
      {sheet.card.sections.map((s) => {
        const part = sheet.partial.find((p) => p.id === s.id);
        return (
          <section key={s.id} aria-label={words(s.name)}>
            <Group justify="space-between">
              <Text fw={600} size="sm">
                {words(s.name)}
              </Text>
              <Text size="sm">
                {part?.zeroed && <IconAlertTriangle size={14} color="var(--mantine-color-red-text)" aria-hidden />}{" "}
                {part?.percent == null ? "–" : percent(part.percent, 0)}
              </Text>
            </Group>
            {s.questions.map((q) => {
              const answers = sheet.answers.filter((a) => a.question === q.id);
              return (
                <Group key={q.id} justify="space-between" wrap="nowrap" gap="xs" align="flex-start" py={2}>
                  <div>
                    <Text size="sm">{words(q.text)}</Text>
                    <ByModel sheet={sheet} question={q} />
                  </div>
                  <Group gap={6} wrap="nowrap" flex="none">
                    {answers.length === 0 && (
                      <Text size="sm" c="dimmed">
                        {t("quality.open")}
                      </Text>
                    )}
                    {answers.map((a, n) => (
                      <Tooltip
                        key={`${a.at}${a.review_id}`}
                        label={[a.by || t("quality.machine"), a.note].filter(Boolean).join("：")}
                      >
                        <Text
                          size="sm"
                          span
                          c={n === answers.length - 1 ? undefined : "dimmed"}
                          td={a.value === answers.at(-1)?.value ? undefined : "line-through"}
                        >
                          {a.source !== "person" ? (
                            <IconRobot size={13} role="img" aria-label={t("quality.machine")} />
                          ) : (
                            <IconUser size={13} role="img" aria-label={a.by} />
                          )}{" "}
                          {valueName(q, a.value)}
                        </Text>
                      </Tooltip>
                    ))}
                  </Group>
                </Group>
              );
            })}
          </section>
        );
      })}
    </Stack>
  );
}
