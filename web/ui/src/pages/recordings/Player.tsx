import { Alert, Box, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconHourglass, IconMicrophoneOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { Broken, Loading } from "../../components/States";
import { dateTime, duration, phone } from "../../lib/format";
import { Comments, type Draft, useComments } from "./Comments";
import { Controls } from "./Controls";
import { Pauses, usePauses } from "./Pauses";
import { type Playback, usePlayback } from "./playback";
import { audible, awaited } from "./State";
import { silences } from "./silence";
import { Transcript } from "./Transcript";
import { Waveform } from "./Waveform";

type Recording = Schemas["Recording"];
type Props = { recording: Recording; keys?: boolean; start?: number; beneath?: (playback: Playback) => ReactNode };

/**
 * Plays a recording, from `start` (seconds) on: both lanes, and all of it by keyboard. `keys` gives it the keys of the whole
 * page too; of several players on a page only one may have them. `beneath` is shown in place of comments and transcript,
 * and told how far it is.
 */
export function Player({ recording, keys = false, start = 0, beneath }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <Box data-testid="recording-player" role="group" aria-label={t("player.label", { agent: recording.agent_name })}>
      <Group justify="space-between" mb={4} gap="xs">
        <Text size="sm">
          {dateTime(recording.started_at, i18n.language)}　{recording.agent_name}
        </Text>
        {audible(recording.state) && (
          <Text size="sm" c="dimmed">
            {t("player.length", { length: duration(recording.duration_ms / 1000) })}
          </Text>
        )}
      </Group>
      {audible(recording.state) ? (
        <Sound recording={recording} keys={keys} start={start} beneath={beneath} />
      ) : (
        <Unplayable recording={recording} />
      )}
    </Box>
  );
}

/** Why there is nothing to hear, and what will or can be done about it. */
function Unplayable({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  if (recording.state === "refused") {
    return (
      <Alert variant="light" color="gray" icon={<IconMicrophoneOff aria-hidden />} title={t("player.refused")}>
        {t(`player.refused_by.${recording.reason}`, { defaultValue: recording.reason })}
      </Alert>
    );
  }
  const failed = recording.state === "failed";
  const why = awaited(recording.state) ? "expected" : recording.state;
  return (
    <Alert
      variant="light"
      color={failed ? "red" : "blue"}
      icon={failed ? <IconAlertTriangle aria-hidden /> : <IconHourglass aria-hidden />}
      title={t(`player.${why}`)}
    >
      {t(`player.${why}_remedy`)}
      {recording.reason && (
        <Text size="sm" c="dimmed" mt={4}>
          {t("player.reason", { reason: recording.reason })}
        </Text>
      )}
    </Alert>
  );
}

function Sound({ recording, keys, start, beneath }: Props & { keys: boolean; start: number }) {
  const { t } = useTranslation();
  const path = { leg: recording.leg };
  const peaks = useQuery({
    queryKey: ["recordings", "peaks", recording.leg],
    queryFn: () => got(api.GET("/api/v1/recordings/{leg}/peaks", { params: { path } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const silent = useMemo(() => (peaks.data ? silences(peaks.data) : []), [peaks.data]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const write = useCallback((at: number) => setDraft({ at }), []);
  const playback = usePlayback(recording.duration_ms / 1000, keys, silent, beneath ? undefined : write);
  const { seek } = playback;
  useEffect(() => {
    if (start > 0) seek(start);
  }, [start, seek]);
  const comments = useComments(recording.leg);
  const pauses = usePauses(recording);
  const sound = `/api/v1/recordings/${encodeURIComponent(recording.leg)}`;
  const takes = can(useMe(), "download");
  const caller = recording.customer_name || phone(recording.caller) || t("player.unknown");
  return (
    <div ref={playback.box}>
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript below is more than captions */}
      <audio
        ref={playback.audio}
        // Nothing is fetched before somebody plays: each playback is in the access log.
        preload="none"
        src={`${sound}/audio`}
      />
      {peaks.isPending && <Loading />}
      {peaks.isError && <Broken error={peaks.error} retry={() => void peaks.refetch()} />}
      <Waveform
        peaks={peaks.data}
        playback={playback}
        pins={comments.data ?? []}
        pauses={pauses.marks}
        names={[t("player.caller", { name: caller }), t("player.agent", { name: recording.agent_name })]}
      />
      <Controls playback={playback} download={takes ? `${sound}/download` : undefined} />
      {playback.failed && (
        <Alert color="red" variant="light" mt="xs" title={t("player.no_sound")} role="alert">
          {t("player.no_sound_remedy")}
        </Alert>
      )}
      <Pauses {...pauses} seek={seek} />
      {beneath?.(playback)}
      {!beneath && (
        <Comments leg={recording.leg} time={playback.time} seek={playback.seek} draft={draft} setDraft={setDraft} />
      )}
      {keys && !beneath && (
        <Transcript leg={recording.leg} time={playback.time} playing={playback.playing} seek={playback.seek} keys />
      )}
    </div>
  );
}
