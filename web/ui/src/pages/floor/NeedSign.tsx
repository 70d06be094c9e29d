import { Group } from "@mantine/core";
import {
  IconBellRinging,
  IconBellX,
  IconCircleCheck,
  IconCoffee,
  IconDeviceDesktopOff,
  IconHeadset,
  IconHeadsetOff,
  IconPencil,
  IconPencilExclamation,
  IconPlayerPause,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useNames } from "../shared/lists";
import { type Need, type Seen, urgency } from "./attention";

const signs: Record<Need, { icon: typeof IconCoffee; color: string }> = {
  sound_lost: { icon: IconHeadsetOff, color: "red" },
  no_desk: { icon: IconDeviceDesktopOff, color: "red" },
  set_aside: { icon: IconBellX, color: "red" },
  ringing_long: { icon: IconBellRinging, color: "red" },
  wrap_up_overdue: { icon: IconPencilExclamation, color: "red" },
  held_long: { icon: IconPlayerPause, color: "red" },
  talking_long: { icon: IconHeadset, color: "violet" },
  away_long: { icon: IconCoffee, color: "orange" },
  ringing: { icon: IconBellRinging, color: "blue" },
  held: { icon: IconPlayerPause, color: "yellow" },
  talking: { icon: IconHeadset, color: "violet" },
  wrap_up: { icon: IconPencil, color: "teal" },
  ready: { icon: IconCircleCheck, color: "green" },
  not_ready: { icon: IconCoffee, color: "gray" },
};

/** An agent's state: sign, word and colour; the timer stands beside it. */
export function NeedSign({ seen, size = 16 }: { seen: Seen; size?: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const sign = signs[seen.need];
  const { reason } = seen.agent;
  const own = seen.need === "set_aside";
  return (
    <Group gap={6} wrap="nowrap" component="span" fw={urgency(seen.need) > 0 ? 650 : undefined}>
      <sign.icon size={size} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden className="need-icon" />
      <span>
        {own ? t(`floor.aside.${reason}`) : t(`floor.need.${seen.need}`)}
        {reason && !own && `・${names.reason(reason)}`}
      </span>
    </Group>
  );
}
