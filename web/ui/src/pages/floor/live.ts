import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { clientId, openSocket } from "../../desk/socket";

const poll = 2000;

/**
 * The floor as it is now: by the websocket, and while that is away by asking each two seconds. `ahead` is how far the
 * server's clock is before the browser's, in ms.
 */
export function useFloor() {
  const [told, setTold] = useState<Schemas["FloorView"] | null>(null);
  const [live, setLive] = useState(false);
  useEffect(() => {
    const socket = openSocket({
      as: "floor",
      // A watcher is nobody's desk, not even that of its own tab.
      client: `${clientId().slice(0, 32)}-floor`,
      onState: (s) => {
        setLive(s.link === "open" && s.floor !== null);
        if (s.floor) setTold(s.floor);
      },
    });
    return () => socket.close();
  }, []);
  const asked = useQuery({
    queryKey: ["floor"],
    queryFn: () => got(api.GET("/api/v1/floor")),
    enabled: !live,
    refetchInterval: poll,
    retry: false,
  });
  const floor = newest(told, asked.data);
  return {
    floor,
    live,
    /** The figures on screen are old: neither way leads to the server. */
    error: live ? null : asked.error,
    retry: () => void asked.refetch(),
    ahead: useAhead(floor?.at),
  };
}

function newest(a: Schemas["FloorView"] | null, b: Schemas["FloorView"] | undefined) {
  if (!a || !b) return a ?? b ?? null;
  return Date.parse(a.at) >= Date.parse(b.at) ? a : b;
}

function useAhead(at: string | undefined): number {
  const [ahead, setAhead] = useState(0);
  useEffect(() => {
    if (!at) return;
    const now = Date.parse(at) - Date.now();
    // What the network adds is not the clock's fault.
    setAhead((before) => (Math.abs(before - now) > 2000 ? now : before));
  }, [at]);
  return ahead;
}
