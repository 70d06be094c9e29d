import { Badge } from "@mantine/core";
import { IconDiamond } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import i18n from "../i18n";

const colors: Record<string, string> = { diamond: "indigo.9", platinum: "gray.8", gold: "yellow.9" };

/** A customer's VIP tier; nothing for those without one. */
export function TierBadge({ tier }: { tier: string }) {
  const { t } = useTranslation();
  if (!tier || !i18n.exists(`tier.${tier}`)) return null;
  return (
    <Badge
      variant="filled"
      color={colors[tier] ?? "gray.8"}
      autoContrast
      radius="sm"
      tt="none"
      leftSection={<IconDiamond size={12} aria-hidden />}
      style={{ flex: "none" }}
    >
      {t(`tier.${tier}`)}
    </Badge>
  );
}
