import type { Schemas } from "../../api/client";

/** A stretch in seconds in which neither side says anything. */
export type Silence = { from: number; to: number };

/** What is quieter than this, of 127, is no speech: the noise of a line. */
const quiet = 2;

/** Silence that is shorter belongs to how people talk, in seconds. */
const shortest = 1.5;

/** How much of a silence is left before and after speech, in seconds. */
const margin = 0.3;

/** Where both channels are silent for long, from the waveform. */
export function silences(peaks: Schemas["Peaks"]): Silence[] {
  const seconds = peaks.step / peaks.rate;
  const left = peaks.left ?? [];
  const right = peaks.right ?? [];
  const points = Math.floor(left.length / 2);
  const found: Silence[] = [];
  let began = -1;
  for (let i = 0; i <= points; i++) {
    const loud =
      i === points ||
      [left[2 * i], left[2 * i + 1], right[2 * i], right[2 * i + 1]].some((v) => Math.abs(v ?? 0) > quiet);
    if (!loud && began < 0) began = i;
    if (loud && began >= 0) {
      const silence = { from: began * seconds, to: i * seconds };
      if (silence.to - silence.from >= shortest) found.push(silence);
      began = -1;
    }
  }
  return found;
}

/** Where playing goes on when silence is left out: the end of the silence around this time, or null outside of one. */
export function skipTo(all: Silence[], time: number): number | null {
  const around = all.find((s) => time >= s.from + margin && time < s.to - 2 * margin);
  return around ? around.to - margin : null;
}
