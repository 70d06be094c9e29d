import type { Schemas } from "../../api/client";

export type Agent = Schemas["FloorAgent"];
export type Queue = Schemas["FloorQueue"];
export type Waiting = Schemas["WaitingView"];

/** Why somebody should look at an agent, the most urgent first; after those what agents simply do. */
export const needs = [
  "sound_lost",
  "no_desk",
  "set_aside",
  "ringing_long",
  "wrap_up_overdue",
  "held_long",
  "talking_long",
  "away_long",
  "ringing",
  "held",
  "talking",
  "wrap_up",
  "ready",
  "not_ready",
] as const;
export type Need = (typeof needs)[number];

/** Seconds after which a state asks for a look. */
const longRing = 10;
const longHold = 90;
const longTalk = 15 * 60;
const longAway = 45 * 60;

const trouble: ReadonlySet<Need> = new Set([
  "sound_lost",
  "no_desk",
  "set_aside",
  "ringing_long",
  "wrap_up_overdue",
  "held_long",
]);
const notice: ReadonlySet<Need> = new Set(["talking_long", "away_long"]);

/** 2: trouble, 1: worth a look, 0: work as usual. */
export function urgency(need: Need): 0 | 1 | 2 {
  return trouble.has(need) ? 2 : notice.has(need) ? 1 : 0;
}

const seconds = (at: string | undefined, now: number) => (at ? (now - Date.parse(at)) / 1000 : 0);

/** Since when the agent is what is shown: a hold counts from its own beginning. */
export function since(a: Agent): string {
  const inVoice = a.state === "talking" && (a.call?.voice === "held" || a.call?.voice === "away");
  return (inVoice && a.call?.voice_since) || a.since;
}

export function needOf(a: Agent, now: number): Need {
  switch (a.state) {
    case "ringing":
      return seconds(a.call?.offered || a.since, now) >= longRing ? "ringing_long" : "ringing";
    case "talking":
      if (a.call?.voice === "away" || !a.media) return "sound_lost";
      if (a.call?.voice === "held") return seconds(since(a), now) >= longHold ? "held_long" : "held";
      return seconds(a.since, now) >= longTalk ? "talking_long" : "talking";
    case "wrap_up":
      return a.wrap_up_until && seconds(a.wrap_up_until, now) > 0 ? "wrap_up_overdue" : "wrap_up";
    case "ready":
      if (!a.desk) return "no_desk";
      return a.media ? "ready" : "sound_lost";
    default:
      if (a.reason === "rona" || a.reason === "declined" || a.reason === "media") return "set_aside";
      return seconds(a.since, now) >= longAway ? "away_long" : "not_ready";
  }
}

export type Seen = { agent: Agent; need: Need; seconds: number };

/** Agents in the order in which they need a look; alike, the longest first. */
export function byNeed(agents: Agent[], now: number): Seen[] {
  return agents
    .map((agent) => ({ agent, need: needOf(agent, now), seconds: Math.max(0, Math.floor(seconds(since(agent), now))) }))
    .sort(
      (a, b) =>
        needs.indexOf(a.need) - needs.indexOf(b.need) ||
        b.seconds - a.seconds ||
        a.agent.agent.localeCompare(b.agent.agent),
    );
}

export type Waiter = { call: Waiting; queue: Queue; seconds: number; late: Lateness };
/** 0 within the target, 1 past three quarters of it, 2 past it, 3 past twice the target. */
export type Lateness = 0 | 1 | 2 | 3;

export function lateness(waited: number, target: number): Lateness {
  if (target <= 0 || waited < target * 0.75) return 0;
  if (waited <= target) return 1;
  return waited <= 2 * target ? 2 : 3;
}

/** All who wait, the longest first. */
export function waiters(queues: Queue[], now: number): Waiter[] {
  return queues
    .flatMap((queue) =>
      (queue.waiting ?? []).map((call) => {
        const waited = Math.max(0, Math.floor(seconds(call.since, now)));
        return { call, queue, seconds: waited, late: lateness(waited, queue.service_level_s) };
      }),
    )
    .sort((a, b) => b.seconds - a.seconds || a.call.call.localeCompare(b.call.call));
}
