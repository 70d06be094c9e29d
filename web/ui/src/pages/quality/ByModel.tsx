import { Text } from "@mantine/core";
import { IconHourglass, IconUserQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { at, type Question, type Sheet } from "./parts";

/** What a language model said to a question: its reason and what it quotes; or why it has not answered. */
export function ByModel({ sheet, question }: { sheet: Sheet; question: Question }) {
  const { t } = useTranslation();
  const ask = sheet.asks.find((a) => a.question === question.id);
  const said = sheet.answers.findLast((a) => a.question === question.id && a.source === "model");
  if (said)
    return (
      <div data-testid={`model-${question.id}`}>
        <Text size="xs" c="dimmed" className="prose">
          {t("quality.model.says", { model: ask?.model ?? "", reason: said.note })}
        </Text>
        {said.evidence.map((e) => (
          <Text size="xs" c="dimmed" key={`${e.start_ms} ${e.heard}`}>
            {at(e.start_ms)} {t(`rules.role.${e.role}`)}「{e.heard}」
          </Text>
        ))}
        {said.evidence.length === 0 && (
          <Text size="xs" c="dimmed">
            {t("quality.model.no_quote")}
          </Text>
        )}
      </div>
    );
  if (!ask) return null;
  const Icon = ask.state === "refused" ? IconUserQuestion : IconHourglass;
  return (
    <Text size="xs" c="dimmed" className="prose" data-testid={`model-${question.id}`}>
      <Icon size={12} aria-hidden /> {t(`quality.model.${ask.state === "refused" ? "refused" : "waiting"}`)}
      {ask.reason && t("quality.model.because", { reason: ask.reason })}
    </Text>
  );
}
