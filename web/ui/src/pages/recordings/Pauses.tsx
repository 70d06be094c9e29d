import { Box, Text, UnstyledButton } from "@mantine/core";
import { IconMicrophoneOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken } from "../../components/States";
import { duration } from "../../lib/format";
import { type PauseMark, pauseMarks } from "./pauses";

/** The pauses of a recording and where they lie in its sound. */
export function usePauses(recording: Schemas["Recording"]) {
  const { leg, started_at, duration_ms } = recording;
  const read = useQuery({
    queryKey: ["recordings", "pauses", leg],
    queryFn: async () => (await got(api.GET("/api/v1/recordings/{leg}/pauses", { params: { path: { leg } } }))).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const marks = useMemo(
    () => pauseMarks(read.data ?? [], started_at, duration_ms / 1000),
    [read.data, started_at, duration_ms],
  );
  return { read, marks };
}

type Props = ReturnType<typeof usePauses> & { seek: (time: number) => void };

/** Why a stretch of the recording is silent on purpose: who paused it, when and for how long. Each leads to its second. */
export function Pauses({ read, marks, seek }: Props) {
  const { t } = useTranslation();
  if (read.isError) return <Broken error={read.error} retry={() => void read.refetch()} />;
  if (marks.length === 0) return null;
  return (
    <Box mt="xs" role="group" aria-label={t("player.pauses.title")} data-testid="pauses">
      <ul className="pauses">
        {marks.map((mark) => (
          <li key={mark.pause.from}>
            <UnstyledButton className="pause" onClick={() => seek(mark.from)}>
              <IconMicrophoneOff size={14} aria-hidden /> <PauseText mark={mark} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed">
        {t("player.pauses.hint")}
      </Text>
    </Box>
  );
}

function PauseText({ mark }: { mark: PauseMark }) {
  const { t } = useTranslation();
  const { pause } = mark;
  const by = pause.cause === "unknown" ? "" : pause.by_name || pause.by;
  return (
    <>
      {t("player.pauses.one", {
        from: duration(mark.from),
        to: duration(mark.to),
        n: (mark.to - mark.from).toFixed(1),
      })}
      {by && `　${by}`}
      <span className="pause-cause">{t(`player.pauses.cause.${pause.cause}`)}</span>
    </>
  );
}
