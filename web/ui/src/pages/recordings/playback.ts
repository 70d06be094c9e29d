import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { type Silence, skipTo } from "./silence";
import { type Mixer, mixer, type Volumes } from "./sound";
import { nextSpeed } from "./waveform";

export type Playback = {
  audio: RefObject<HTMLAudioElement | null>;
  /** All of the player; keys pressed in it are its own. */
  box: RefObject<HTMLDivElement | null>;
  playing: boolean;
  failed: boolean;
  /** Seconds. */
  time: number;
  duration: number;
  speed: number;
  /** Whether long silence is left out. */
  skipping: boolean;
  volumes: Volumes;
  toggle: () => void;
  seek: (time: number) => void;
  setSpeed: (speed: number) => void;
  setSkipping: (skipping: boolean) => void;
  setVolumes: (volumes: Volumes) => void;
};

const jump = 5;

/**
 * An audio element's state, and what its keys do: Space, J and L or the arrows, [ and ], S, and C, which begins a comment.
 * silent is what is left out when silence is skipped.
 */
export function usePlayback(
  duration: number,
  keys: boolean,
  silent: Silence[],
  comment?: (at: number) => void,
): Playback {
  const audio = useRef<HTMLAudioElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  const [time, setTime] = useState(0);
  const [speed, setRate] = useState(1);
  const [skipping, setSkipping] = useState(false);
  const [volumes, setGains] = useState<Volumes>({ caller: 1, agent: 1 });
  const mix = useRef<Mixer>(null);
  const skips = useRef<Silence[]>([]);
  skips.current = skipping ? silent : [];

  useEffect(() => {
    const a = audio.current;
    if (!a) return;
    let frame = 0;
    const follow = () => {
      const after = skipTo(skips.current, a.currentTime);
      if (after !== null && !a.seeking) a.currentTime = after;
      setTime(a.currentTime);
      frame = requestAnimationFrame(follow);
    };
    const on = () => {
      setPlaying(true);
      setFailed(false);
      cancelAnimationFrame(frame);
      follow();
    };
    const off = () => {
      setPlaying(false);
      cancelAnimationFrame(frame);
    };
    const fail = () => {
      off();
      setFailed(true);
    };
    const steps: [string, () => void][] = [
      ["play", on],
      ["pause", off],
      ["ended", off],
      ["error", fail],
    ];
    for (const [name, step] of steps) a.addEventListener(name, step);
    a.preservesPitch = true;
    return () => {
      for (const [name, step] of steps) a.removeEventListener(name, step);
      cancelAnimationFrame(frame);
      a.pause();
      mix.current?.close();
      mix.current = null;
    };
  }, []);

  const toggle = useCallback(() => {
    const a = audio.current;
    if (!a) return;
    if (!a.paused) return a.pause();
    mix.current?.resume();
    if (a.error) a.load();
    // A refusal is told by the error event.
    a.play().catch(() => {});
  }, []);
  const seek = useCallback(
    (to: number) => {
      const at = Math.min(duration, Math.max(0, to));
      if (audio.current) audio.current.currentTime = at;
      setTime(at);
    },
    [duration],
  );
  const setSpeed = useCallback((to: number) => {
    // Loading resets playbackRate to the default, which is why both are set.
    if (audio.current) audio.current.defaultPlaybackRate = audio.current.playbackRate = to;
    setRate(to);
  }, []);
  const setVolumes = useCallback((to: Volumes) => {
    if (audio.current && !mix.current) mix.current = mixer(audio.current);
    mix.current?.set(to);
    mix.current?.resume();
    setGains(to);
  }, []);

  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (!meant(e, box.current, keys)) return;
      const at = audio.current?.currentTime ?? 0;
      const acts: Record<string, () => void> = {
        " ": toggle,
        j: () => seek(at - jump),
        l: () => seek(at + jump),
        arrowleft: () => seek(at - jump),
        arrowright: () => seek(at + jump),
        "[": () => setSpeed(nextSpeed(speed, -1)),
        "]": () => setSpeed(nextSpeed(speed, 1)),
      };
      // Letters belong to the page where it has more to do than to play.
      const letters: Record<string, () => void> = comment
        ? { s: () => setSkipping((skips) => !skips), c: () => comment(at) }
        : {};
      const key = e.key.toLowerCase();
      const act = acts[key] ?? letters[key];
      if (!act) return;
      e.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [comment, keys, seek, setSpeed, speed, toggle]);

  return {
    audio,
    box,
    playing,
    failed,
    time,
    duration,
    speed,
    skipping,
    volumes,
    toggle,
    seek,
    setSpeed,
    setSkipping,
    setVolumes,
  };
}

/** Whether a key is for this player: pressed in it, or on the page where nothing else takes it. */
function meant(e: KeyboardEvent, box: HTMLElement | null, keys: boolean): boolean {
  if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented) return false;
  const target = e.target as HTMLElement;
  // A switch takes no letters and a slider no letters but its arrows; the others are typed into or opened.
  if (target.closest("input:not([role=switch]), select, textarea, [contenteditable], [role=dialog]")) return false;
  if (e.key.startsWith("Arrow") && target.closest("[role=slider], [role=switch], [role=tab], [role=listbox]"))
    return false;
  const inside = box?.contains(target) ?? false;
  // Space presses a focused button or link, as everywhere else; the player's own button does the same by itself.
  if (e.key === " " && target.closest("button, a, summary")) return false;
  return inside || (keys && !target.closest("[data-testid=recording-player]"));
}
