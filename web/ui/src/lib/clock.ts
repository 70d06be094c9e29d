/** The server's clock as far as answers' Date headers tell: desks' own clocks may be minutes off. */
let offset = 0;

/** Takes the Date header of an answer that was asked for at `asked`. It has whole seconds, so half of one is added. */
export function observeDate(header: string | null, asked: number, now = Date.now()) {
  const at = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(at) || now - asked > 5000) return;
  const found = at + 500 - (asked + now) / 2;
  // Within its own inaccuracy the browser's clock is the better one.
  offset = Math.abs(found) < 1500 ? 0 : found;
}

export function serverNow(): number {
  return Date.now() + offset;
}
