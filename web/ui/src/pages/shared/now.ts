import { useEffect, useState } from "react";

/** The time, each second, for running timers. `ahead` is how far the server's clock is before this one, in ms. */
export function useNow(ahead = 0): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now + ahead;
}

/** Whole seconds from a time until now; 0 when it is missing or yet to come. */
export function secondsSince(at: string | undefined, now: number): number {
  const from = at ? Date.parse(at) : Number.NaN;
  return Number.isNaN(from) ? 0 : Math.max(0, Math.floor((now - from) / 1000));
}
