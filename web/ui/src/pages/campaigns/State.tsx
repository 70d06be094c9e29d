import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Campaign } from "./campaigns";

/** How far a campaign is, in a word. What goes on stands out, and what waits for somebody more so. */
export function StateBadge({ state }: { state: Campaign["state"] }) {
  const { t } = useTranslation();
  const stands = state === "running" || state === "paused";
  return (
    <Badge
      variant={stands ? "filled" : "default"}
      color={state === "paused" ? "yellow" : undefined}
      autoContrast
      size="sm"
      tt="none"
      miw="max-content"
    >
      {t(`campaigns.state.${state}`)}
    </Badge>
  );
}
