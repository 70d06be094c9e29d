import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { difference } from "./difference";
import "./rules.css";

const signs = { same: " ", added: "+", removed: "-", skipped: " " };

/** How a text differs from another, line by line. */
export function Diff(props: { before: string; after: string; label: string; same: string; hint?: string }) {
  const { t } = useTranslation();
  const lines = difference(props.before, props.after);
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed" className="prose">
        {props.same} {props.hint}
      </Text>
    );
  // It scrolls, so the keyboard must reach it.
  const scrolling = { role: "group", "aria-label": props.label, tabIndex: 0 };
  return (
    <div className="rule-diff" data-testid="rule-diff" {...scrolling}>
      {lines.map((l) => (
        <div key={l.at} className={l.kind}>
          {l.kind === "added" || l.kind === "removed" ? (
            <span className="visually-hidden">{t(`rules.edit.${l.kind}`)}</span>
          ) : null}
          <span aria-hidden>{signs[l.kind]} </span>
          {l.text}
        </div>
      ))}
    </div>
  );
}
