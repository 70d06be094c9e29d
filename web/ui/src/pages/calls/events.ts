import type { Schemas } from "../../api/client";

/** A moment of a call in words: `key` under calls.event, with what goes into the sentence. */
export type Moment = {
  at: string;
  key: string;
  /** Where in the call it is; picks the sign and the colour. */
  tone: "caller" | "agent" | "wait" | "system" | "trouble";
  agent?: string;
  queue?: string;
  disposition?: string;
  question?: string;
  value?: number | string;
};

type Data = Record<string, unknown>;
type Command = { kind: string; command?: Data };

const text = (v: unknown): string => (typeof v === "string" ? v : "");
const record = (v: unknown): Data => (typeof v === "object" && v !== null ? (v as Data) : {});

/** What the facts themselves say. Facts that tell a reader nothing (a timer set, a channel up) have no words. */
const told: Record<string, (fact: Data) => Omit<Moment, "at"> | null> = {
  call_arrived: (f) => ({ key: f.anonymous ? "arrived_anonymous" : "arrived", tone: "caller", value: text(f.line) }),
  customer_found: (f) => {
    const n = Array.isArray(f.customers) ? f.customers.length : 0;
    return { key: n === 0 ? "customer_none" : n === 1 ? "customer_one" : "customer_several", tone: "system", value: n };
  },
  digit_pressed: (f) => ({ key: "digit", tone: "caller", value: text(f.digit) }),
  play_finished: (f) => (f.failed ? { key: "play_failed", tone: "trouble" } : null),
  agent_answered: () => ({ key: "answered", tone: "agent" }),
  agent_declined: () => ({ key: "declined", tone: "trouble" }),
  agent_hung_up: () => ({ key: "agent_hung_up", tone: "agent" }),
  agent_held: () => ({ key: "held", tone: "agent" }),
  agent_resumed: () => ({ key: "resumed", tone: "agent" }),
  agent_to_survey: () => ({ key: "to_survey", tone: "agent" }),
  agent_disposed: (f) => ({ key: "disposed", tone: "agent", disposition: text(f.code) }),
  command_failed: (f) => ({ key: "command_failed", tone: "trouble", value: text(f.command) }),
  caller_gone: () => ({ key: "ended", tone: "caller" }),
  timer_fired: (f) => {
    const kind = text(record(f.timer).kind);
    if (kind === "ring") return { key: "rona", tone: "trouble" };
    if (kind === "wait") return { key: "longest_wait", tone: "wait" };
    if (kind === "connect" || kind === "media") return { key: "sound_lost", tone: "trouble" };
    return kind === "announce" ? { key: "announced", tone: "wait" } : null;
  },
};

/** What a change of the call's phase says. */
const phases: Record<string, Omit<Moment, "at"> | undefined> = {
  queue: { key: "queued", tone: "wait" },
  ringing: { key: "ringing", tone: "agent" },
  talking: { key: "talking", tone: "agent" },
  away: { key: "away", tone: "trouble" },
  survey: { key: "survey", tone: "system" },
};

/**
 * The time line of a call, from its facts and the commands that followed from them. A fact of one call may move another:
 * an agent who becomes free is offered the next. Such commands belong to the other call's time line.
 */
export function moments(events: Schemas["CallEvent"][], call: string): Moment[] {
  const out: Moment[] = [];
  let phase = "";
  for (const e of events) {
    const data = record(e.data);
    const fact = record(data.event);
    const agent = e.agent || text(fact.agent) || undefined;
    const words = told[e.kind]?.(fact);
    if (words) out.push({ at: e.at, agent, ...words });
    const commands = Array.isArray(data.commands) ? (data.commands as Command[]) : [];
    for (const { kind, command } of commands) {
      if (command?.call !== call) continue;
      if (kind === "save_answer") {
        out.push({
          at: e.at,
          key: "answer",
          tone: "caller",
          question: text(command.question),
          value: Number(command.value),
        });
      }
      if (kind !== "remember") continue;
      const state = record(command.state);
      const next = text(state.ph);
      // Back from hold or from lost sound is told by what caused it.
      const told = phases[next];
      if (told && next !== phase && !(next === "talking" && phase === "held")) {
        out.push({ at: e.at, ...told, agent: text(state.agent) || undefined, queue: text(state.q) || undefined });
      }
      phase = next;
    }
  }
  return out;
}

/** The time line of a call whose facts are not kept (any more): what its row says. */
export function momentsOfCall(call: Schemas["Call"]): Moment[] {
  const out: Moment[] = [
    { at: call.arrived_at, key: call.anonymous ? "arrived_anonymous" : "arrived", tone: "caller", value: call.line },
  ];
  if (call.queued_at) out.push({ at: call.queued_at, key: "queued", tone: "wait", queue: call.queue_id });
  if (call.answered_at) out.push({ at: call.answered_at, key: "answered", tone: "agent", agent: call.agent_id });
  if (call.ended_at) out.push({ at: call.ended_at, key: "ended", tone: "caller" });
  return out;
}
