import type { Schemas } from "../../api/client";

export type Column = { low: number; high: number };

/** One channel's points (min, max, min, max ... of -128..127) gathered into so many columns, each -1..1. */
export function columns(points: number[], width: number): Column[] {
  const pairs = Math.floor(points.length / 2);
  const out: Column[] = [];
  for (let x = 0; x < width; x++) {
    const first = Math.floor((x * pairs) / width);
    // A waveform shorter than the screen is wide repeats its points rather than leaving gaps.
    const last = Math.max(first + 1, Math.floor(((x + 1) * pairs) / width));
    let low = 0;
    let high = 0;
    for (let i = first; i < last && i < pairs; i++) {
      low = Math.min(low, points[2 * i] ?? 0);
      high = Math.max(high, points[2 * i + 1] ?? 0);
    }
    out.push({ low: Math.max(-1, low / 127), high: Math.min(1, high / 127) });
  }
  return out;
}

/** By how much both lanes are enlarged, so that quiet calls show: alike for both, at most eight times. */
export function gain(peaks: Schemas["Peaks"]): number {
  let loudest = 0;
  for (const lane of [peaks.left, peaks.right]) for (const v of lane ?? []) loudest = Math.max(loudest, Math.abs(v));
  return loudest === 0 ? 1 : Math.min(8, 127 / loudest);
}

/** Where a click at x of a picture that wide leads to, in seconds. */
export function seekTime(x: number, width: number, duration: number): number {
  return width <= 0 ? 0 : Math.min(duration, Math.max(0, (x / width) * duration));
}

export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];

/** The next speed up or down from this one. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  const next = step > 0 ? speeds.find((s) => s > speed) : speeds.findLast((s) => s < speed);
  return next ?? speed;
}
