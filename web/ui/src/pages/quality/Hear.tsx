import { Paper } from "@mantine/core";
import { type ReactNode, useCallback, useRef } from "react";
import { Broken, Loading } from "../../components/States";
import { Player } from "../recordings/Player";
import type { Playback } from "../recordings/playback";
import { audible } from "../recordings/State";
import { Transcript } from "../recordings/Transcript";
import { useRecording } from "./parts";

/** The player with the transcript; `children` stand between them and are told how to jump to a moment. */
export function Hear(props: { leg: string; children: (jump: (ms: number | null) => void) => ReactNode }) {
  const recording = useRecording(props.leg);
  const playback = useRef<Playback | null>(null);
  const jump = useCallback((ms: number | null) => {
    if (ms !== null) playback.current?.seek(ms / 1000);
  }, []);
  if (recording.isPending) return <Loading />;
  const between = props.children(jump);
  const silent = recording.isError || !audible(recording.data.state);
  return (
    <>
      {recording.isError && <Broken error={recording.error} retry={() => void recording.refetch()} />}
      {recording.data && (
        <Paper withBorder p="sm" mb="sm">
          <Player
            recording={recording.data}
            keys
            beneath={(p) => {
              playback.current = p;
              return (
                <>
                  {between}
                  <Transcript leg={props.leg} time={p.time} playing={p.playing} seek={p.seek} keys={false} bare />
                </>
              );
            }}
          />
        </Paper>
      )}
      {silent && between}
    </>
  );
}
