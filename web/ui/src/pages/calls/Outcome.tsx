import { Group } from "@mantine/core";
import {
  IconAlertTriangle,
  IconClockX,
  IconHeadset,
  IconPhoneCheck,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhoneX,
  IconUserOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export const outcomes = [
  "answered",
  "abandoned",
  "timeout",
  "unstaffed",
  "ivr_ended",
  "transferred",
  "hung_up_in_ivr",
  "failed",
];

const signs: Record<string, { icon: typeof IconHeadset; color: string }> = {
  "": { icon: IconHeadset, color: "violet" },
  answered: { icon: IconPhoneCheck, color: "green" },
  abandoned: { icon: IconPhoneX, color: "red" },
  timeout: { icon: IconClockX, color: "red" },
  unstaffed: { icon: IconUserOff, color: "red" },
  ivr_ended: { icon: IconPhoneOff, color: "gray" },
  transferred: { icon: IconPhoneOutgoing, color: "teal" },
  hung_up_in_ivr: { icon: IconPhoneOff, color: "gray" },
  failed: { icon: IconAlertTriangle, color: "red" },
};

/** How a call ended: sign, word and colour. */
export function Outcome({ outcome }: { outcome: string }) {
  const { t } = useTranslation();
  const sign = signs[outcome] ?? { icon: IconAlertTriangle, color: "gray" };
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <sign.icon size={16} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      {t(`calls.outcome.${outcome || "live"}`)}
    </Group>
  );
}
