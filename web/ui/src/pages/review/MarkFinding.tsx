import { Button, Group, Kbd, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Finding, Sheet } from "../quality/parts";
import { useRuleNames } from "../rules/names";
import type { Draft } from "./draft";

/** The rules that the card and the findings name: what a finding may be instead. */
function rulesOf(sheet: Sheet): string[] {
  const named = sheet.card.sections
    .flatMap((s) => s.questions)
    .flatMap((q) => (q.cases ?? []).flatMap((c) => [...(c.found ?? []), ...(c.missing ?? [])]));
  return [...new Set([...named, ...sheet.findings.map((f) => f.rule)])].sort();
}

/** A reviewer's word on a finding: it is so, there is no such thing, or it is something else. */
export function MarkFinding({ sheet, finding: f, draft }: { sheet: Sheet; finding: Finding; draft: Draft }) {
  const { t } = useTranslation();
  const { name } = useRuleNames();
  const mark = draft.marks[f.id];
  if (["appealed", "upheld", "overturned"].includes(f.stands)) return null;
  return (
    <Group gap={6} mt={4}>
      <Button
        size="compact-xs"
        variant={mark?.mark === "confirmed" ? "filled" : "default"}
        aria-pressed={mark?.mark === "confirmed"}
        rightSection={<Kbd size="xs">Y</Kbd>}
        onClick={() => draft.mark(f.id, "confirmed")}
      >
        {t("review.confirm")}
      </Button>
      <Button
        size="compact-xs"
        variant={mark?.mark === "rejected" ? "filled" : "default"}
        aria-pressed={mark?.mark === "rejected"}
        rightSection={<Kbd size="xs">X</Kbd>}
        onClick={() => draft.mark(f.id, "rejected")}
      >
        {t("review.reject")}
      </Button>
      <NativeSelect
        size="xs"
        aria-label={t("review.is")}
        value={mark?.mark === "corrected" ? mark.rule_is : ""}
        data={[
          { value: "", label: t("review.is") },
          ...rulesOf(sheet)
            .filter((r) => r !== f.rule)
            .map((r) => ({ value: r, label: name(r) })),
        ]}
        onChange={(e) => e.currentTarget.value && draft.mark(f.id, "corrected", e.currentTarget.value)}
      />
    </Group>
  );
}
