import { Badge, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconGavel, IconPencil, IconRobot, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Empty } from "../../components/States";
import { language } from "../../i18n";
import { duration, percent } from "../../lib/format";
import { useRuleNames } from "../rules/names";

export type Sheet = Schemas["Sheet"];
export type Finding = Schemas["JudgedFinding"];
export type Question = Schemas["Question"];
export type Call = Schemas["ScoredCall"];

/** A text of the scorecard in the reader's language, or in the one that it is written in. */
export function words(text: Record<string, string> | undefined): string {
  return text?.[language()] || text?.["zh-TW"] || text?.en || "";
}

export const sheetKey = (leg: string) => ["quality", "sheet", leg];

export function useSheet(leg: string) {
  return useQuery({
    queryKey: sheetKey(leg),
    queryFn: () => got(api.GET("/api/v1/quality/calls/{leg}", { params: { path: { leg } } })),
    enabled: leg !== "",
  });
}

export function useRecording(leg: string) {
  return useQuery({
    queryKey: ["recordings", "one", leg],
    queryFn: () => got(api.GET("/api/v1/recordings/{leg}", { params: { path: { leg } } })),
    enabled: leg !== "",
  });
}

/** What a rule found, in words: the phrase, or what kind of thing it is. */
export function useFindingName() {
  const { t, i18n } = useTranslation();
  const rules = useRuleNames();
  return (f: { rule: string; class: string; phrase: string; start_ms: number | null }) => {
    const kind = i18n.exists(`quality.class.${f.class}`) ? t(`quality.class.${f.class}`) : rules.name(f.rule);
    if (f.start_ms === null) return t("quality.not_said", { what: kind });
    return f.class === "phrase" || f.class === "principle" ? `${kind}「${f.phrase}」` : kind;
  };
}

/** An answer in words. */
export function useValueName() {
  const { t } = useTranslation();
  return (q: Question | undefined, value: string) => {
    if (value === "yes" || value === "no" || value === "na") return t(`quality.value.${value}`);
    const choice = q?.choices?.find((c) => c.id === value);
    return choice ? words(choice.text) : value;
  };
}

/** All answers that a question allows, as the server does. */
export function valuesOf(q: Question): string[] {
  const numbers = (from: number) => Array.from({ length: (q.most ?? 0) - from + 1 }, (_, n) => String(from + n));
  const all: Record<string, () => string[]> = {
    yes_no: () => ["yes", "no"],
    points: () => numbers(0),
    scale: () => numbers(1),
    choice: () => (q.choices ?? []).map((c) => c.id),
  };
  return [...(all[q.kind]?.() ?? []), ...(q.na ? ["na"] : [])];
}

export function Total({ value, critical = 0 }: { value: number | null; critical?: number }) {
  const { t } = useTranslation();
  if (value === null) return <Text span>–</Text>;
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      {critical > 0 && (
        <IconAlertTriangle
          size={14}
          color="var(--mantine-color-red-text)"
          role="img"
          aria-label={t("quality.critical", { n: critical })}
        />
      )}
      {percent(value, 0)}
    </Group>
  );
}

const signs = {
  confirmed: { icon: IconCheck, color: "green" },
  rejected: { icon: IconX, color: "gray" },
  corrected: { icon: IconPencil, color: "blue" },
  appealed: { icon: IconGavel, color: "orange" },
  upheld: { icon: IconCheck, color: "green" },
  overturned: { icon: IconX, color: "gray" },
};

/** What a finding comes to now. */
export function Stands({ stands }: { stands: string }) {
  const { t } = useTranslation();
  const sign = signs[stands as keyof typeof signs];
  const { icon: Icon, color, key } = sign ? { ...sign, key: stands } : { icon: IconRobot, color: "gray", key: "none" };
  // The colour is the icon's alone: light badges miss the contrast of small text.
  return (
    <Badge
      size="sm"
      variant="default"
      leftSection={<Icon size={12} color={`var(--mantine-color-${color}-text)`} aria-hidden />}
    >
      {t(`quality.mark.${key}`)}
    </Badge>
  );
}

export function at(ms: number | null): string {
  return ms === null ? "" : duration(ms / 1000);
}

/** Why nothing is scored yet, and what to do. */
export function NothingScored() {
  const { t } = useTranslation();
  const backlog = useQuery({
    queryKey: ["quality", "backlog"],
    queryFn: () => got(api.GET("/api/v1/quality/backlog")),
  });
  const b = backlog.data;
  if (b?.waiting && b.reason)
    return (
      <Empty
        title={t("quality.empty.no_model")}
        hint={t("quality.empty.no_model_hint", { n: b.waiting })}
        action={
          <Text size="xs" c="dimmed" className="prose" maw={520}>
            {t("quality.empty.says", { reason: b.reason })}
          </Text>
        }
      />
    );
  if (b?.waiting || b?.running)
    return (
      <Empty title={t("quality.empty.waiting")} hint={t("quality.empty.waiting_hint", { n: b.waiting + b.running })} />
    );
  return <Empty title={t("quality.empty.title")} hint={t("quality.empty.hint")} />;
}
