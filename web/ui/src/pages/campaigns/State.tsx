import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Campaign } from "./campaigns";

const colors = { draft: "gray", running: "green", paused: "yellow", finished: "blue" } as const;

/** How far a campaign is, in a word. */
export function StateBadge({ state }: { state: Campaign["state"] }) {
  const { t } = useTranslation();
  return (
    <Badge variant="light" color={colors[state]} autoContrast>
      {t(`campaigns.state.${state}`)}
    </Badge>
  );
}
