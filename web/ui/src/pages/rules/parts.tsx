import { Anchor, Badge, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { can, type Right, useMe } from "../../app/session";
import { percent } from "../../lib/format";
import { Definition } from "../shared/Definition";
import { type Rule, ruleName } from "./names";

const pages: { to: string; key: string; right: Right }[] = [
  { to: "/rules", key: "live", right: "quality" },
  { to: "/rules/edit", key: "edit", right: "rules" },
  { to: "/rules/trials", key: "trials", right: "review" },
  { to: "/rules/history", key: "history", right: "review" },
];

/** The pages of the rule book, beside their title. */
export function RuleTabs() {
  const { t } = useTranslation();
  const me = useMe();
  const path = useLocation({ select: (l) => l.pathname });
  const mine = pages.filter((p) => can(me, p.right));
  if (mine.length < 2) return null;
  // A trial belongs to the trials.
  const here = (to: string) => path === to || (to !== "/rules" && path.startsWith(`${to}/`));
  return (
    <Group component="nav" gap="md" aria-label={t("rules.pages")}>
      {mine.map((p) => (
        <Anchor
          key={p.to}
          size="sm"
          fw={here(p.to) ? 650 : undefined}
          aria-current={here(p.to) ? "page" : undefined}
          renderRoot={(props) => <Link to={p.to} {...props} />}
        >
          {t(`rules.tab.${p.key}`)}
        </Anchor>
      ))}
    </Group>
  );
}

type Precision = Schemas["Precision"];

/** How often a rule is right, with its interval and the number behind it; a warning where that is small. */
export function Measured({ precision: p }: { precision: Precision }) {
  const { t } = useTranslation();
  const { all, thumbs, reviews } = p;
  if (all.share === null || all.low === null || all.high === null)
    return (
      <Definition text={t("rules.measure.nothing")}>
        <Text span size="sm" c="dimmed">
          {t("rules.measure.none")}
        </Text>
      </Definition>
    );
  const detail = t("rules.measure.detail", {
    up: thumbs.right,
    thumbs: thumbs.count,
    right: reviews.right,
    reviews: reviews.count,
  });
  const few = all.few ? t("rules.measure.few", { n: all.count }) : "";
  return (
    <Definition text={[few, detail].filter(Boolean).join(" ")}>
      {all.few && <IconAlertTriangle size={14} color="var(--mantine-color-orange-text)" role="img" aria-label={few} />}{" "}
      {percent(100 * all.share)}{" "}
      <Text span c="dimmed" size="sm">
        ({(100 * all.low).toFixed(0)}–{percent(100 * all.high)}) n={all.count}
      </Text>
    </Definition>
  );
}

/** A rule by its name, with its name in the book's text beneath. */
export function RuleTitle({ rule, children }: { rule: Rule; children?: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <div>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {ruleName(rule, t)}
        </Text>
        {children}
      </Group>
      <Text size="xs" c="dimmed" className="mono">
        {rule.id}
      </Text>
    </div>
  );
}

const seconds = (ms: number | undefined) => String((ms ?? 0) / 1000);

/** Where and when a rule counts, in words. */
export function useConditions(name: (id: string) => string) {
  const { t } = useTranslation();
  return (r: Rule): string[] => {
    const of = (list: string[] | undefined) => (list ?? []).join("、");
    return [
      r.all && t("rules.all"),
      r.forms?.length && t("rules.also", { list: of(r.forms) }),
      r.except?.length && t("rules.except", { list: of(r.except) }),
      r.not_near?.length && t("rules.not_near", { s: seconds(r.near_ms), list: of(r.not_near) }),
      r.first_ms && t("rules.first", { s: seconds(r.first_ms) }),
      r.last_ms && t("rules.last", { s: seconds(r.last_ms) }),
      r.after && t("rules.after", { rule: name(r.after), s: seconds(r.after_ms) }),
      r.at_least && t("rules.at_least", { n: r.at_least }),
    ].filter((x): x is string => Boolean(x));
  };
}

const timed = new Set(["interruption", "silence", "hold"]);

/** What a rule looks for: its phrases, or the limit of what it measures. */
export function LooksFor({ rule: r, name }: { rule: Rule; name: (id: string) => string }) {
  const { t } = useTranslation();
  const conditions = useConditions(name)(r);
  const limit = r.limit && t(`rules.limit.${r.kind}`, { n: timed.has(r.kind) ? seconds(r.limit) : r.limit });
  return (
    <div className="looks-for">
      <Group gap={4}>
        <Badge variant="default" size="sm" tt="none">
          {r.role ? t(`rules.role.${r.role}`) : t("rules.any_role")}
        </Badge>
        {(r.phrases ?? []).map((p) => (
          <Text key={p} size="sm" span>
            「{p}」
          </Text>
        ))}
        {limit && <Text size="sm">{limit}</Text>}
      </Group>
      {conditions.map((c) => (
        <Text key={c} size="xs" c="dimmed">
          {c}
        </Text>
      ))}
    </div>
  );
}
