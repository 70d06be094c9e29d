import { Group, Text, UnstyledButton } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { dateTime } from "../../lib/format";
import { useRuleNames } from "../rules/names";
import { at, type Finding, Stands, useFindingName } from "./parts";

/** A finding: what, when, what was heard, what people said of it, and what the reader can do about it. */
export function FindingRow(props: {
  finding: Finding;
  current?: boolean;
  stands?: string;
  jump: () => void;
  children?: ReactNode;
}) {
  const { t, i18n } = useTranslation();
  const name = useFindingName();
  const rules = useRuleNames();
  const { finding: f, current } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <div ref={row} className="judged" aria-current={current ? "true" : undefined} data-testid={`finding-${f.rule}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <UnstyledButton onClick={props.jump}>
          <Text size="sm">
            <Text span c="dimmed" mr={8}>
              {at(f.start_ms) || "–:––"}
            </Text>
            {name(f)}
            {f.role !== "" && f.class === "interruption" && `（${t(`quality.role.${f.role}`)}）`}
            {f.heard !== "" && f.heard !== f.phrase && (
              <Text span c="dimmed" ml={6}>
                {t("quality.heard", { heard: f.heard })}
              </Text>
            )}
            {f.match === "sound" && (
              <Text span c="dimmed" ml={6}>
                {t("quality.by_sound")}
              </Text>
            )}
          </Text>
        </UnstyledButton>
        <Stands stands={props.stands ?? f.stands} />
      </Group>
      {f.marks
        .filter((m) => m.note !== "" || m.mark === "corrected")
        .map((m) => (
          <Text key={m.at + m.mark} size="xs" c="dimmed" className="prose">
            {m.name} {t(`quality.mark.${m.mark}`)}
            {m.rule_is !== "" && ` → ${rules.name(m.rule_is)}`} {dateTime(m.at, i18n.language)}
            {m.note !== "" && `：${m.note}`}
          </Text>
        ))}
      {props.children}
    </div>
  );
}
