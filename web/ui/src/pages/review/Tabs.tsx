import { Anchor, Group } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { can, type Right, useMe } from "../../app/session";

const pages: { to: string; key: string; right: Right }[] = [
  { to: "/review", key: "desk", right: "review" },
  { to: "/review/agreement", key: "agreement", right: "review" },
  { to: "/review/violations", key: "violations", right: "review" },
  { to: "/review/scorecard", key: "scorecard", right: "scorecards" },
];

/** The pages of reviewing, beside their title. */
export function ReviewTabs() {
  const { t } = useTranslation();
  const me = useMe();
  const path = useLocation({ select: (l) => l.pathname });
  return (
    <Group component="nav" gap="md" aria-label={t("review.pages")}>
      {pages
        .filter((p) => can(me, p.right))
        .map((p) => (
          <Anchor
            key={p.to}
            size="sm"
            fw={path === p.to ? 650 : undefined}
            aria-current={path === p.to ? "page" : undefined}
            renderRoot={(props) => <Link to={p.to} {...props} />}
          >
            {t(`review.tab.${p.key}`)}
          </Anchor>
        ))}
    </Group>
  );
}
