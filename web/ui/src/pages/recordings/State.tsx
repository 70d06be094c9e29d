import { Group } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconHourglass,
  IconLock,
  IconMicrophone,
  IconMicrophoneOff,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export const states = ["stored", "finished", "writing", "expected", "failed", "refused", "erased"] as const;

const signs = {
  stored: { icon: IconLock, color: "green" },
  finished: { icon: IconCircleCheck, color: "green" },
  writing: { icon: IconMicrophone, color: "blue" },
  expected: { icon: IconHourglass, color: "blue" },
  failed: { icon: IconAlertTriangle, color: "red" },
  refused: { icon: IconMicrophoneOff, color: "gray" },
  erased: { icon: IconTrash, color: "gray" },
};

/** Whether there is something to hear: sealed or not yet, the server plays it alike. */
export function audible(state: (typeof states)[number]): boolean {
  return state === "finished" || state === "stored";
}

/** Whether a recording still is to come. */
export function awaited(state: (typeof states)[number]): boolean {
  return state === "expected" || state === "writing";
}

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
