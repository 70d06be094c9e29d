import { Alert, Button, Group } from "@mantine/core";
import { IconMicrophoneOff, IconPlayerPause } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duration } from "../lib/format";
import { keyOf } from "../lib/keys";
import { useSeconds } from "../lib/ticker";
import { type DeskState, desk } from "./desk";

/** Says that nothing is recorded now, why and for how long, and asks when that lasts longer than it should. */
export function PauseStatus({ s }: { s: DeskState }) {
  const { t } = useTranslation();
  const { recording } = s.phone;
  const seconds = useSeconds(recording.since || undefined);
  const call = s.agent?.state === "talking" ? s.agent.call : undefined;
  if (!call) return null;
  if (call.recording_refused) {
    return (
      <Alert
        mt={6}
        py={6}
        variant="light"
        color="gray"
        icon={<IconMicrophoneOff aria-hidden />}
        title={t(`desk.pause.refused.${call.recording_refused}`)}
        data-testid="recording-refused"
      />
    );
  }
  if (!recording.paused) return null;
  const why = recording.cause === "api" ? "desk.pause.by_api" : `desk.pause.by_${recording.cause || "agent"}`;
  return (
    <Alert
      mt={6}
      py={6}
      variant={recording.ask ? "outline" : "light"}
      color="orange"
      icon={<IconPlayerPause aria-hidden />}
      title={`${t("desk.pause.paused")} ${duration(seconds ?? 0)}`}
      data-testid="recording-paused"
      role={recording.ask ? "alert" : "status"}
    >
      <Group justify="space-between" gap="xs">
        <span>
          {t(recording.ask ? "desk.pause.ask" : why)}
          {!recording.stored && ` ${t("desk.pause.not_stored")}`}
        </span>
        <Group gap="xs">
          {recording.ask && (
            <Button
              size="compact-sm"
              variant="white"
              color="dark"
              data-testid="keep-pause"
              onClick={() => void desk.pause("keep_pause")}
            >
              {t("desk.keep_pause")}
            </Button>
          )}
          <Button size="compact-sm" variant="white" color="dark" onClick={() => void desk.pause("resume_recording")}>
            {t("desk.go_on_recording")} ({keyOf("pause_recording")})
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
