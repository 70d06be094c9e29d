import { ProblemError } from "../api/client";
import type { AgentView, Config, Floor, Pop, TakeOver } from "./types";

/**
 * The browser's side of docs/desk-protocol.md.
 *
 * `asked`: the desk is open elsewhere, and we wait for the person's word. `unanswered`: they gave none in time.
 */
export type Link = "connecting" | "open" | "lost" | "asked" | "unanswered" | "taken" | "ended" | "closed";

export type State = {
  link: Link;
  /** When the connection was lost (ms), 0 while there is one. */
  lostSince: number;
  agent: AgentView | null;
  pop: Pop | null;
  config: Config | null;
  /** False: customers' history can't be read now. */
  history: boolean;
  floor: Floor | null;
  takeOver: TakeOver | null;
};

export const nothing: State = {
  link: "connecting",
  lostSince: 0,
  agent: null,
  pop: null,
  config: null,
  history: true,
  floor: null,
  takeOver: null,
};

export type Options = {
  as: "desk" | "floor";
  /** Made once by the page and kept for its tab. */
  client: string;
  onState: (s: State) => void;
  /** The session is over. */
  onEnded?: () => void;
  // What tests replace.
  connect?: (url: string) => WebSocket;
  later?: (f: () => void, ms: number) => unknown;
  never?: (timer: unknown) => void;
  now?: () => number;
  chance?: () => number;
};

type Waiting = { resolve: () => void; reject: (e: Error) => void };

const backOff = [0, 250, 500, 500, 1000, 1000, 2000, 4000];
/** The server pings every 15 s, but a page is not told of that: it asks by itself. */
const pingEvery = 10_000;
const pingPatience = 5_000;

export class DeskSocket {
  private readonly o: Required<Options>;
  private state: State = nothing;
  private ws: WebSocket | null = null;
  private epoch = "";
  private since = 0;
  private tries = 0;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  private timer: unknown = null;
  private pinger: unknown = null;
  private stopped = false;

  constructor(o: Options) {
    this.o = {
      onEnded: () => {},
      connect: (url) => new WebSocket(url),
      later: (f, ms) => setTimeout(f, ms),
      never: (t) => clearTimeout(t as number),
      now: () => Date.now(),
      chance: () => Math.random(),
      ...o,
    };
    this.open();
  }

  /** Asks the floor for something. Rejects with a ProblemError that says why not; then nothing has changed. */
  request(command: string, fields: Record<string, unknown> = {}): Promise<void> {
    const ws = this.ws;
    if (ws?.readyState !== 1) return Promise.reject(new ProblemError({ code: "offline" }));
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      ws.send(JSON.stringify({ id, do: command, ...fields }));
    });
  }

  /** Takes the desk from where it is open now. */
  takeOver() {
    if (this.state.link === "asked") void this.request("take_over").catch(() => {});
    else this.retry();
  }

  /** Connects now instead of later: the person asked, or the network came back. */
  retry() {
    if (this.stopped || this.ws?.readyState === 1 || this.ws?.readyState === 0) return;
    this.tries = 0;
    this.open();
  }

  /** Finds out now whether the connection still lives, after the machine has slept. */
  check() {
    if (this.ws?.readyState === 1 && this.state.link === "open") this.ping();
    else if (this.state.link === "lost") this.retry();
  }

  close() {
    this.stopped = true;
    this.quiet();
    this.ws?.close(1000);
    this.fail();
    this.set({ link: "closed", lostSince: 0 });
  }

  private set(change: Partial<State>) {
    this.state = { ...this.state, ...change };
    this.o.onState(this.state);
  }

  private quiet() {
    this.o.never(this.timer);
    this.o.never(this.pinger);
    this.timer = null;
    this.pinger = null;
  }

  private open() {
    this.quiet();
    const q = new URLSearchParams({ as: this.o.as, client: this.o.client });
    if (this.epoch) {
      q.set("epoch", this.epoch);
      q.set("since", String(this.since));
    }
    const base = location.origin.replace(/^http/, "ws");
    const ws = this.o.connect(`${base}/api/v1/desk/ws?${q}`);
    this.ws = ws;
    ws.onmessage = (e) => this.ws === ws && this.take(String(e.data));
    ws.onclose = (e) => this.ws === ws && this.gone(e.code);
  }

  private take(frame: string) {
    const m = JSON.parse(frame) as {
      seq?: number;
      type?: string;
      data?: unknown;
      re?: number;
      ok?: boolean;
      problem?: { code: string; title?: string; detail?: string };
    };
    if (m.re !== undefined) {
      const w = this.waiting.get(m.re);
      this.waiting.delete(m.re);
      if (m.ok) w?.resolve();
      else w?.reject(new ProblemError(m.problem ?? { code: "failed" }));
      return;
    }
    if (m.seq) this.since = Math.max(m.type === "snapshot" ? 0 : this.since, m.seq);
    // Whatever comes with a number shows that this is the desk.
    if (m.type !== "take_over" && m.type !== "taken" && this.state.link !== "open") this.opened();
    this.apply(m.type ?? "", m.data);
  }

  private opened() {
    this.tries = 0;
    this.set({ link: "open", lostSince: 0, takeOver: null });
    this.o.never(this.pinger);
    this.pinger = this.o.later(() => this.ping(), pingEvery);
  }

  private apply(type: string, data: unknown) {
    switch (type) {
      case "snapshot": {
        const s = data as Partial<State> & { epoch: string; health?: { history: boolean } };
        this.epoch = s.epoch;
        this.set({
          agent: s.agent ?? null,
          pop: s.pop ?? null,
          config: s.config ?? this.state.config,
          history: s.health?.history ?? this.state.history,
          floor: s.floor ?? null,
        });
        break;
      }
      case "agent":
        this.set({ agent: data as AgentView });
        break;
      case "pop":
        this.set({ pop: data as Pop | null });
        break;
      case "config":
        this.set({ config: data as Config });
        break;
      case "health":
        this.set({ history: (data as { history: boolean }).history });
        break;
      case "floor":
        this.set({ floor: data as Floor });
        break;
      case "take_over":
        this.set({ link: "asked", takeOver: data as TakeOver, lostSince: 0 });
        break;
      case "taken":
        this.set({ link: "taken", agent: null, pop: null });
        break;
    }
  }

  private ping() {
    const ws = this.ws;
    this.o.never(this.pinger);
    this.pinger = this.o.later(() => {
      // No answer: the way is dead, although nobody has said so. A close would wait for the other side.
      if (this.ws === ws) this.gone(1006);
      ws?.close();
    }, pingPatience);
    const again = () => {
      if (this.ws !== ws) return;
      this.o.never(this.pinger);
      this.pinger = this.o.later(() => this.ping(), pingEvery);
    };
    void this.request("ping").then(again, again);
  }

  private fail() {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const w of all) w.reject(new ProblemError({ code: "offline" }));
  }

  private gone(code: number) {
    this.quiet();
    this.ws = null;
    this.fail();
    if (this.stopped) return;
    switch (code) {
      case 4001:
        return this.set({ link: "taken", lostSince: 0, agent: null, pop: null });
      case 4002:
        return this.set({ link: "unanswered", takeOver: null });
      case 4003:
        this.set({ link: "ended" });
        return this.o.onEnded();
      case 4004:
        return this.set({ link: "closed" });
    }
    const wait = backOff[Math.min(this.tries, backOff.length - 1)] ?? 4000;
    this.tries++;
    this.set({ link: "lost", lostSince: this.state.lostSince || this.o.now(), takeOver: null });
    this.timer = this.o.later(() => this.open(), wait * (0.75 + this.o.chance() / 2));
  }
}

const clientKey = "hotline.client";

/** What this tab calls itself, the same after a reload. */
export function clientId(): string {
  try {
    const kept = sessionStorage.getItem(clientKey);
    if (kept) return kept;
  } catch {
    // Without storage a reload looks like another desk, and asks to take over.
  }
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  try {
    sessionStorage.setItem(clientKey, made);
  } catch {
    // As above.
  }
  return made;
}

export function openSocket(o: Options): DeskSocket {
  return new DeskSocket(o);
}
