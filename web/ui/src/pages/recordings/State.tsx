import { Group } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconHourglass, IconMicrophoneOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export const states = ["finished", "expected", "failed", "refused"] as const;

const signs = {
  finished: { icon: IconCircleCheck, color: "green" },
  expected: { icon: IconHourglass, color: "blue" },
  failed: { icon: IconAlertTriangle, color: "red" },
  refused: { icon: IconMicrophoneOff, color: "gray" },
};

export function RecordingState({ state }: { state: (typeof states)[number] }) {
  const { t } = useTranslation();
  const sign = signs[state];
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <sign.icon size={16} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      {t(`recordings.state.${state}`)}
    </Group>
  );
}
