import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { duration } from "../../lib/format";
import type { PauseMark } from "./pauses";
import type { Playback } from "./playback";
import "./player.css";
import { columns, gain, seekTime } from "./waveform";

const laneHeight = 56;

/** Both channels, the caller above and the agent below; a slider for mouse and keyboard at once. */
export function Waveform(props: {
  peaks?: Schemas["Peaks"];
  playback: Playback;
  names: [string, string];
  /** Comments, drawn where they are pinned; the list below tells them to those who don't see. */
  pins: Schemas["Comment"][];
  /** Where the recording holds silence on purpose; listed below as well. */
  pauses: PauseMark[];
}) {
  const { t } = useTranslation();
  const { playback } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { peaks } = props;
  useEffect(() => {
    const element = canvas.current;
    if (!element || !peaks) return;
    const watcher = new ResizeObserver(() => {
      if (element.clientWidth > 0) draw(element, peaks, element.clientWidth);
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [peaks]);

  const point = (clientX: number, element: HTMLElement) => {
    const box = element.getBoundingClientRect();
    playback.seek(seekTime(clientX - box.left, box.width, playback.duration));
  };
  const share = playback.duration > 0 ? (100 * playback.time) / playback.duration : 0;
  return (
    <div className="lanes">
      <div className="lane-names">
        <span className="lane-caller">{props.names[0]}</span>
        <span className="lane-agent">{props.names[1]}</span>
      </div>
      <div
        className="wave"
        role="slider"
        tabIndex={0}
        aria-label={t("player.position")}
        aria-valuemin={0}
        aria-valuemax={Math.round(playback.duration)}
        aria-valuenow={Math.round(playback.time)}
        aria-valuetext={t("player.position_of", {
          time: duration(playback.time),
          length: duration(playback.duration),
        })}
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          e.currentTarget.setPointerCapture(e.pointerId);
          point(e.clientX, e.currentTarget);
        }}
        onPointerMove={(e) => e.buttons === 1 && point(e.clientX, e.currentTarget)}
        onKeyDown={(e) => step(e, playback)}
      >
        <canvas ref={canvas} height={2 * laneHeight} aria-hidden />
        {playback.duration > 0 &&
          props.pauses.map(({ from, to, pause }) => (
            <span
              key={pause.from}
              className="wave-pause"
              title={t("player.pauses.mark")}
              style={{
                left: `${(100 * from) / playback.duration}%`,
                width: `${(100 * (to - from)) / playback.duration}%`,
              }}
            >
              <span>{t("player.pauses.mark")}</span>
            </span>
          ))}
        <div className="wave-played" style={{ width: `${share}%` }} />
        {playback.duration > 0 &&
          props.pins.map((pin) => (
            <span
              key={pin.id}
              className="wave-pin"
              title={pin.body}
              style={{ left: `${pin.at_ms / 10 / playback.duration}%` }}
            />
          ))}
      </div>
    </div>
  );
}

function step(e: KeyboardEvent, p: Playback) {
  const to: Record<string, number> = {
    ArrowRight: p.time + 1,
    ArrowUp: p.time + 1,
    ArrowLeft: p.time - 1,
    ArrowDown: p.time - 1,
    PageUp: p.time + 30,
    PageDown: p.time - 30,
    Home: 0,
    End: p.duration,
  };
  const at = to[e.key];
  if (at === undefined) return;
  e.preventDefault();
  p.seek(at);
}

function draw(canvas: HTMLCanvasElement, peaks: Schemas["Peaks"], width: number) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = 2 * laneHeight * scale;
  const c = canvas.getContext("2d");
  if (!c) return;
  c.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const larger = gain(peaks) * (laneHeight / 2 - 3);
  const lanes: [number[], string][] = [
    [peaks.left ?? [], "--lane-caller"],
    [peaks.right ?? [], "--lane-agent"],
  ];
  lanes.forEach(([points, color], lane) => {
    const middle = lane * laneHeight + laneHeight / 2;
    c.fillStyle = style.getPropertyValue(color);
    columns(points, width).forEach(({ low, high }, x) => {
      const top = middle - Math.max(0.5, high * larger);
      c.fillRect(x, top, 1, middle + Math.max(0.5, -low * larger) - top);
    });
  });
}
