import { Group } from "@mantine/core";
import { IconAlertTriangle, IconMoodHappy, IconMoodNeutral, IconTrophy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";

const signs = {
  excellent: { icon: IconTrophy, color: "green" },
  good: { icon: IconMoodHappy, color: "teal" },
  fair: { icon: IconMoodNeutral, color: "yellow" },
  alert: { icon: IconAlertTriangle, color: "red" },
};

/** How a net promoter score is judged. */
export function Band({ band }: { band: Schemas["NPS"]["band"] }) {
  const { t } = useTranslation();
  if (!band) return <>–</>;
  const sign = signs[band];
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <sign.icon size={16} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      {t(`surveys.band.${band}`)}
    </Group>
  );
}
