import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { moments, momentsOfCall } from "./events";

let seq = 0;
function fact(kind: string, event: object, commands: object[] = [], agent = ""): Schemas["CallEvent"] {
  seq++;
  return { seq, at: `2026-11-22T06:00:${String(seq).padStart(2, "0")}Z`, kind, agent, data: { event, commands } };
}
const phase = (ph: string, more: object = {}) => ({ kind: "remember", command: { call: "c", state: { ph, ...more } } });

test("a whole call in words", () => {
  const keys = moments(
    [
      fact("call_arrived", { line: "+886800000123" }, [phase("flow")]),
      fact("customer_found", { customers: [7] }),
      fact("digit_pressed", { digit: "1" }, [phase("queue", { q: "order" })]),
      fact("leg_up", {}),
      fact("timer_fired", { timer: { kind: "digit" } }),
      fact("desk_connected", {}, [phase("ringing", { q: "order", agent: "u1" })], "u1"),
      fact("agent_answered", {}, [phase("connecting", { agent: "u1" })], "u1"),
      fact("leg_up", {}, [phase("talking", { agent: "u1" })]),
      fact("agent_held", {}, [phase("held")], "u1"),
      fact("agent_resumed", {}, [phase("talking")], "u1"),
      fact("agent_hung_up", {}, [phase("survey")], "u1"),
      fact("digit_pressed", { digit: "5" }, [
        { kind: "save_answer", command: { call: "c", question: "satisfaction", value: 5 } },
      ]),
      fact("caller_gone", {}),
    ],
    "c",
  ).map((m) => m.key);
  expect(keys).toEqual([
    "arrived",
    "customer_one",
    "digit",
    "queued",
    "ringing",
    "answered",
    "talking",
    "held",
    "resumed",
    "agent_hung_up",
    "survey",
    "digit",
    "answer",
    "ended",
  ]);
});

test("an unanswered ring is told with the agent, and goes back to the queue", () => {
  const out = moments(
    [
      fact("x", {}, [phase("ringing", { agent: "u2", q: "order" })]),
      fact("timer_fired", { timer: { kind: "ring", call: "c" } }, [phase("queue", { q: "order" })]),
    ],
    "c",
  );
  expect(out.map((m) => [m.key, m.agent, m.queue])).toEqual([
    ["ringing", "u2", "order"],
    ["rona", undefined, undefined],
    ["queued", undefined, "order"],
  ]);
});

test("what a fact does to another call is left to that one", () => {
  const offered = { kind: "remember", command: { call: "next", state: { ph: "ringing", agent: "u1" } } };
  expect(moments([fact("agent_disposed", { code: "solved" }, [offered], "u1")], "c").map((m) => m.key)).toEqual([
    "disposed",
  ]);
});

test("facts of a shape nobody knows are left out", () => {
  expect(moments([{ seq: 1, at: "", kind: "new_kind", agent: "", data: null }], "c")).toEqual([]);
});

test("without facts the call's own times are told", () => {
  const call = {
    line: "+886800000123",
    arrived_at: "a",
    queued_at: "b",
    ended_at: "c",
    queue_id: "order",
  } as Schemas["Call"];
  expect(momentsOfCall(call).map((m) => m.key)).toEqual(["arrived", "queued", "ended"]);
});
