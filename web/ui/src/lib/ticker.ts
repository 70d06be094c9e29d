import { useEffect, useState } from "react";
import { serverNow } from "./clock";

function elapsed(since: string | number | undefined): number {
  if (!since) return 0;
  return Math.max(0, Math.floor((serverNow() - new Date(since).getTime()) / 1000));
}

/** Seconds since a time of the server, going on by themselves. */
export function useSeconds(since: string | number | undefined): number {
  const [seconds, set] = useState(() => elapsed(since));
  useEffect(() => {
    set(elapsed(since));
    if (!since) return;
    const timer = window.setInterval(() => set(elapsed(since)), 250);
    return () => clearInterval(timer);
  }, [since]);
  return seconds;
}

/** Seconds until a time of the server, 0 from then on. */
export function useSecondsLeft(until: string | undefined): number {
  const left = () => (until ? Math.max(0, Math.ceil((new Date(until).getTime() - serverNow()) / 1000)) : 0);
  const [seconds, set] = useState(left);
  // biome-ignore lint/correctness/useExhaustiveDependencies: left is made of until alone
  useEffect(() => {
    set(left());
    if (!until) return;
    const timer = window.setInterval(() => set(left()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
