import type { Schemas } from "../../api/client";

/** A pause of a recording, in seconds of its sound. */
export type PauseMark = { from: number; to: number; pause: Schemas["Pause"] };

/** Where the pauses of a recording lie in its sound; one that lasts goes on to its end. */
export function pauseMarks(pauses: Schemas["Pause"][], startedAt: string, duration: number): PauseMark[] {
  const began = Date.parse(startedAt);
  const within = (at: string) => Math.min(duration, Math.max(0, (Date.parse(at) - began) / 1000));
  return pauses.map((pause) => ({
    from: within(pause.from),
    to: pause.to ? within(pause.to) : duration,
    pause,
  }));
}
