import { Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../../api/client";
import { useValueName, valuesOf, words } from "../../quality/parts";

/** The card as reviewers see it. */
export function Preview({ card }: { card: Schemas["Card"] }) {
  const { t } = useTranslation();
  const valueName = useValueName();
  return (
    <Paper withBorder p="sm" className="review-column" role="group" aria-label={words(card.name)} tabIndex={0}>
      <Text fw={650} mb="xs">
        {words(card.name)}
      </Text>
      <Stack gap="sm">
        {card.sections.map((s) => (
          <section key={s.id} aria-label={words(s.name)}>
            <Group justify="space-between">
              <Text fw={600} size="sm">
                {words(s.name)}
              </Text>
              <Text size="sm">{s.weight}%</Text>
            </Group>
            {s.questions.map((q) => (
              <Group key={q.id} justify="space-between" wrap="nowrap" align="flex-start" py={2}>
                <div>
                  <Text size="sm">{words(q.text)}</Text>
                  <Text size="xs" c="dimmed">
                    {[
                      valuesOf(q)
                        .map((v) => valueName(q, v))
                        .join(" / "),
                      q.critical && t(`review.critical.${q.critical}`),
                      t(`scorecard.by.${q.by || (q.cases?.length ? "rules" : "person")}`),
                    ]
                      .filter(Boolean)
                      .join("　")}
                  </Text>
                </div>
                <Text size="sm" c="dimmed">
                  {q.weight}%
                </Text>
              </Group>
            ))}
          </section>
        ))}
      </Stack>
    </Paper>
  );
}
