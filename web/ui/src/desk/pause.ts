import { serverNow } from "../lib/clock";

/**
 * The recording of this desk's call, as the gateway says on a data channel of the desk's sound. The channel needs no
 * controller, so the recording can be paused while there is none.
 */
export type RecordingState = {
  /** Empty: no call. */
  leg: string;
  recorded: boolean;
  paused: boolean;
  by: string;
  cause: "agent" | "api" | "flow" | "unknown" | "";
  /** When the pause began, by this browser's clock. */
  since: string;
  /** Seconds after which the gateway asks. */
  limit: number;
  /** It asks whether the pause is still meant. */
  ask: boolean;
  /** The gateway has the pause on its disk. */
  stored: boolean;
};

export const noRecording: RecordingState = {
  leg: "",
  recorded: false,
  paused: false,
  by: "",
  cause: "",
  since: "",
  limit: 0,
  ask: false,
  stored: true,
};

/** Reads the gateway's word on the recording; null for anything else. */
export function readState(data: unknown, now: number): RecordingState | null {
  const m = parse(data);
  if (m?.event !== "recording") return null;
  return {
    leg: String(m.leg ?? ""),
    recorded: m.recorded === true,
    paused: m.paused === true,
    by: String(m.by ?? ""),
    cause: ["agent", "api", "flow", "unknown"].includes(String(m.cause)) ? (m.cause as RecordingState["cause"]) : "",
    since: m.paused === true ? new Date(now - Number(m.for_ms ?? 0)).toISOString() : "",
    limit: Number(m.limit_ms ?? 0) / 1000,
    ask: m.ask === true,
    stored: m.stored === true,
  };
}

function parse(data: unknown): Record<string, unknown> | null {
  try {
    const m: unknown = JSON.parse(String(data));
    return typeof m === "object" && m !== null ? (m as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export type PauseAsk = "pause" | "resume" | "keep";

/** How long the gateway may take to answer; its disk has to have the pause by then. */
const answerLimit = 3000;

/** The desk's end of the channel. */
export class PauseChannel {
  private readonly waiting = new Map<number, (code: string) => void>();
  private next = 0;
  private readonly channel: RTCDataChannel;

  constructor(channel: RTCDataChannel, onState: (s: RecordingState) => void, onOpen: (open: boolean) => void) {
    this.channel = channel;
    channel.onopen = () => onOpen(true);
    channel.onclose = () => onOpen(false);
    channel.onmessage = (e) => {
      const state = readState(e.data, serverNow());
      if (state) return onState(state);
      const m = parse(e.data);
      const problem = m?.problem as { code?: string } | undefined;
      this.waiting.get(Number(m?.re))?.(problem ? (problem.code ?? "failed") : "");
    };
  }

  /** Asks, and returns why it was refused; "" when it was done. */
  ask(what: PauseAsk, leg: string): Promise<string> {
    if (this.channel.readyState !== "open") return Promise.resolve("no_media");
    const id = ++this.next;
    return new Promise((resolve) => {
      const done = (code: string) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(code);
      };
      const timer = setTimeout(() => done("no_media"), answerLimit);
      this.waiting.set(id, done);
      this.channel.send(JSON.stringify({ id, do: what, leg }));
    });
  }
}
