import type { TFunction } from "i18next";
import { type Command, type DeskState, desk } from "./desk";

/** What the call bar can do, by button and by key. `why` says why it can't be done now; "" when it can. */
export type Control = { why: string; do: () => void };
export type Controls = Record<
  "answer" | "decline" | "end" | "hold" | "mute" | "pause" | "survey" | "ready" | "not_ready" | "next_state",
  Control
>;

export function controlsOf(s: DeskState, t: TFunction): Controls {
  const a = s.agent;
  const call = a?.call;
  const talking = a?.state === "talking";
  const ringing = a?.state === "ringing";
  const offline = s.on && s.link === "open" ? "" : t(s.on ? "desk.why.offline" : "desk.why.off");
  const ask = (c: Command) => () => void desk.ask(c, { leg: call?.leg });
  const inCall = talking ? "" : t("desk.why.no_call");
  const voice = inCall || (call?.voice === "up" || call?.voice === "held" ? "" : t("desk.why.not_talking"));
  const change = ringing ? t("desk.why.ringing") : talking ? t("desk.why.in_call") : "";
  return {
    answer: { why: offline || (ringing ? "" : t("desk.why.no_ring")), do: ask("answer") },
    decline: { why: offline || (ringing ? "" : t("desk.why.no_ring")), do: ask("decline") },
    end: { why: offline || inCall, do: ask("hang_up") },
    hold: { why: offline || voice, do: ask(call?.voice === "held" ? "resume" : "hold") },
    // Muting is the page's own business, so it works without the server.
    mute: { why: inCall, do: () => desk.phone.mute(!s.phone.muted) },
    // The gateway's own business, so it works without the server too.
    pause: {
      why: inCall || pauseWhy(s, t),
      do: () => void desk.pause(s.phone.recording.paused ? "resume_recording" : "pause_recording"),
    },
    survey: { why: offline || inCall || (call?.has_survey ? "" : t("desk.why.no_survey")), do: ask("to_survey") },
    ready: {
      why: offline || change || (a?.state === "ready" ? t("desk.why.is_ready") : ""),
      do: () => void desk.ask("ready"),
    },
    not_ready: { why: offline || change, do: () => {} },
    next_state: {
      why: offline || (talking || a?.state === "wrap_up" ? "" : t("desk.why.only_in_call")),
      do: () => {},
    },
  };
}

/** Why the recording can't be paused now. */
function pauseWhy(s: DeskState, t: TFunction): string {
  const { recording, canPause } = s.phone;
  if (s.agent?.call?.recording_refused || (recording.leg && !recording.recorded)) return t("desk.why.not_recorded");
  return canPause && recording.leg ? "" : t("desk.why.not_talking");
}
