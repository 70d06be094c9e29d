import { useSyncExternalStore } from "react";
import { api, ProblemError } from "../api/client";
import { setBadge } from "../lib/title";
import { Phone, type PhoneState } from "./phone";
import { soundLocked, startRing, stopRing, unlockOnGesture } from "./ring";
import { clientId, type DeskSocket, nothing, openSocket, type State } from "./socket";
import type { Pop } from "./types";

export type Command =
  | "ready"
  | "not_ready"
  | "answer"
  | "decline"
  | "hang_up"
  | "hold"
  | "resume"
  | "to_survey"
  | "dispose"
  | "next_state"
  | "choose_customer"
  | "sign_out"
  | "pause_recording"
  | "resume_recording"
  | "keep_pause";

export type DeskState = State & {
  on: boolean;
  phone: PhoneState;
  /** What was asked of the floor and is not answered yet. */
  asked: Command | null;
  /** The newest refusal, until the next request. */
  refusal: { command: Command; code: string } | null;
};

const pauseAsks = { pause_recording: "pause", resume_recording: "resume", keep_pause: "keep" } as const;
const onKey = "hotline.desk";

function remember(on: boolean) {
  try {
    if (on) sessionStorage.setItem(onKey, "1");
    else sessionStorage.removeItem(onKey);
  } catch {
    // Then a reload of another page than the desk leaves the desk closed.
  }
}

/**
 * The agent's desk in this tab: the socket, the sound and the ring. It is no part of any page, so that going to another
 * page ends nothing.
 */
class Desk {
  state: DeskState;
  readonly phone: Phone;
  private socket: DeskSocket | null = null;
  private readonly listeners = new Set<() => void>();
  private release: (() => void)[] = [];
  private mediaGoneSince = 0;
  /** Words for the ring's notification; set by the page, in its language. */
  announce: (s: DeskState) => { title: string; body: string } = () => ({ title: "", body: "" });
  ended: () => void = () => {};

  constructor() {
    this.phone = new Phone(() => this.set({ phone: this.phone.state }));
    this.state = { ...nothing, on: false, phone: this.phone.state, asked: null, refusal: null };
  }

  readonly subscribe = (l: () => void) => {
    this.listeners.add(l);
    return () => {
      this.listeners.delete(l);
    };
  };

  readonly current = () => this.state;

  private set(s: Partial<DeskState>) {
    this.state = { ...this.state, ...s };
    for (const l of this.listeners) l();
  }

  /** Whether this tab was a desk before it was reloaded. */
  wasOn(): boolean {
    try {
      return sessionStorage.getItem(onKey) === "1";
    } catch {
      return false;
    }
  }

  start() {
    if (this.state.on) return;
    remember(true);
    this.set({ ...nothing, on: true, phone: this.phone.state, asked: null, refusal: null });
    const client = clientId();
    this.socket = openSocket({ as: "desk", client, onState: (s) => this.take(s), onEnded: () => this.ended() });
    const wake = () => this.socket?.check();
    const visible = () => document.visibilityState === "visible" && wake();
    const online = () => {
      this.socket?.retry();
      wake();
    };
    window.addEventListener("online", online);
    document.addEventListener("visibilitychange", visible);
    const timer = window.setInterval(() => this.watchSound(), 500);
    this.release = [
      () => window.removeEventListener("online", online),
      () => document.removeEventListener("visibilitychange", visible),
      () => clearInterval(timer),
      unlockOnGesture(),
    ];
  }

  stop() {
    if (!this.state.on) return;
    remember(false);
    for (const r of this.release) r();
    this.release = [];
    this.socket?.close();
    this.socket = null;
    this.phone.stop();
    this.quiet();
    this.set({ ...nothing, on: false, asked: null, refusal: null });
  }

  takeOver() {
    this.socket?.takeOver();
  }

  retry() {
    this.socket?.retry();
  }

  /** Asks, and shows that it was asked. A refusal is kept in the state for the page to explain; false then. */
  async ask(command: Command, fields: Record<string, unknown> = {}): Promise<boolean> {
    if (!this.socket || this.state.asked === command) return false;
    this.set({ asked: command, refusal: null });
    try {
      await this.socket.request(command, fields);
      return true;
    } catch (e) {
      this.set({ refusal: { command, code: e instanceof ProblemError ? e.code : "failed" } });
      return false;
    } finally {
      if (this.state.asked === command) this.set({ asked: null });
    }
  }

  /** Asks the gateway, past the floor, about the pause of the recording. */
  async pause(command: "pause_recording" | "resume_recording" | "keep_pause") {
    if (this.state.asked === command) return;
    this.set({ asked: command, refusal: null });
    const code = await this.phone.pause(pauseAsks[command]);
    if (code) this.set({ refusal: { command, code } });
    if (this.state.asked === command) this.set({ asked: null });
  }

  /** Leaves the floor and ends the session; false when the floor does not let go, because of a running call. */
  async signOut(): Promise<boolean> {
    if (this.state.on && this.state.link === "open" && this.state.agent && this.state.agent.state !== "signed_out") {
      if (!(await this.ask("sign_out")) && this.state.refusal?.code !== "signed_out") return false;
    }
    this.stop();
    await api.DELETE("/api/v1/session").catch(() => {});
    return true;
  }

  private take(s: State) {
    const before = this.state;
    this.set(s);
    // Sound is for the one desk that has been let in.
    if (s.link === "open") this.phone.start(clientId());
    if (s.link === "taken" || s.link === "closed" || s.link === "ended" || s.link === "unanswered") {
      this.phone.stop();
      this.quiet();
    }
    const rings = s.agent?.state === "ringing" && s.link === "open";
    const rang = before.agent?.state === "ringing" && before.link === "open";
    if (rings && !rang) this.ring();
    else if (!rings) this.quiet();
    else if (s.pop !== before.pop) this.notify();
    if (s.agent?.state !== "talking" && this.phone.state.muted) this.phone.mute(false);
    if (this.state.refusal && s.agent !== before.agent && s.agent?.state !== before.agent?.state) {
      this.set({ refusal: null });
    }
  }

  private notification: Notification | null = null;

  private ring() {
    startRing();
    window.setTimeout(() => this.state.agent?.state === "ringing" && soundLocked() && this.phone.refused(), 300);
    setBadge("🔔");
    this.notify();
  }

  private notify() {
    if (typeof Notification === "undefined" || Notification.permission !== "granted" || document.hasFocus()) return;
    const { title, body } = this.announce(this.state);
    try {
      this.notification = new Notification(title, {
        body,
        tag: "hotline-call",
        requireInteraction: true,
        silent: true,
      });
      this.notification.onclick = () => {
        window.focus();
        this.notification?.close();
      };
    } catch {
      // Some browsers have notifications for service workers only; the ring and the title remain.
    }
  }

  private quiet() {
    stopRing();
    setBadge(this.state.agent?.state === "talking" ? "🎧" : "");
    this.notification?.close();
    this.notification = null;
  }

  /** Looks twice a second whether sound and what the floor knows of it fit together. */
  private watchSound() {
    const { agent, link, phone } = this.state;
    void this.phone.check(agent?.state === "talking" && agent.call?.voice === "up");
    const gone =
      link === "open" && agent !== null && agent.state !== "signed_out" && !agent.media && phone.link === "up";
    if (!gone) {
      this.mediaGoneSince = 0;
      return;
    }
    this.mediaGoneSince ||= Date.now();
    // While sound flows the connection is good and the floor has yet to hear of it, as after the server's restart.
    const patience = this.phone.flows() ? 4000 : 1000;
    if (Date.now() - this.mediaGoneSince > patience) {
      this.mediaGoneSince = 0;
      this.phone.retry();
    }
  }
}

export const desk = new Desk();

export function useDesk(): DeskState {
  return useSyncExternalStore(desk.subscribe, desk.current);
}

/** The caller of the call shown, unless what came last is about another call. */
export function popOf(s: DeskState): Pop | null {
  const { pop, agent } = s;
  if (!pop || !agent?.call) return null;
  return pop.call && pop.call !== agent.call.call ? null : pop;
}
