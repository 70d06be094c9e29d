import { Group } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconClock,
  IconDeviceMobileMessage,
  IconHelpCircle,
  IconMail,
  IconSend,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { phone } from "../../lib/format";

type Message = Schemas["Message"];

const signs = {
  waiting: { icon: IconClock, color: "gray" },
  sending: { icon: IconSend, color: "blue" },
  sent: { icon: IconCheck, color: "green" },
  failed: { icon: IconAlertTriangle, color: "red" },
  unsure: { icon: IconHelpCircle, color: "orange" },
} as const;

/** How far a message is: sign, word and colour. */
export function State({ state }: { state: Message["state"] }) {
  const { t } = useTranslation();
  const sign = signs[state];
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <sign.icon size={16} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      {t(`messages.states.${state}`)}
    </Group>
  );
}

export function Way({ channel }: { channel: Message["channel"] }) {
  const { t } = useTranslation();
  const Icon = channel === "sms" ? IconDeviceMobileMessage : IconMail;
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <Icon size={16} stroke={1.6} aria-hidden />
      {t(`messages.ways.${channel}`)}
    </Group>
  );
}

/** Whom a message is for, as people write it; empty once that was erased. */
export const recipient = (m: Message) => (m.channel === "sms" ? phone(m.to) : m.to);
