/** A minute of the day as a clock shows it; the end of the day is its last minute, since no clock shows 24:00. */
export function clockOf(minute: number): string {
  const m = Math.min(minute, 1439);
  return `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`;
}

/** The minute of the day; 23:59 is taken for the end of the day. */
export function minuteOf(clock: string): number {
  const [h = 0, m = 0] = clock.split(":").map(Number);
  const minute = h * 60 + m;
  return minute === 1439 ? 1440 : minute;
}
