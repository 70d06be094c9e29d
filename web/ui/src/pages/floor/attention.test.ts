import { expect, test } from "vitest";
import { type Agent, byNeed, lateness, needOf, type Queue, urgency, waiters } from "./attention";

const now = Date.parse("2026-11-22T06:00:00Z");
const ago = (s: number) => new Date(now - s * 1000).toISOString();

function agent(id: string, state: string, age: number, more: Partial<Agent> = {}): Agent {
  return { agent: id, name: id, team_id: "", state, since: ago(age), desk: true, media: true, ...more };
}
function call(more: object) {
  return {
    call: "c",
    leg: "c.2",
    queue: "order",
    line: "",
    lang: "zh-TW",
    customers: [],
    has_survey: true,
    arrived: "",
    queued: "",
    offered: "",
    ...more,
  };
}

test("agents are sorted by what needs a look, then the longest first", () => {
  const order = byNeed(
    [
      agent("ready-short", "ready", 5),
      agent("ready-long", "ready", 500),
      agent("talking", "talking", 60, { call: call({ voice: "up" }) }),
      agent("meal", "not_ready", 60, { reason: "meal" }),
      agent("overdue", "wrap_up", 100, { wrap_up_until: ago(10) }),
      agent("wrap-up", "wrap_up", 20, { wrap_up_until: ago(-30) }),
      agent("rona", "not_ready", 20, { reason: "rona" }),
      agent("ringing-long", "ringing", 12, { call: call({ offered: ago(12) }) }),
      agent("lost", "talking", 60, { media: false, call: call({ voice: "away" }) }),
    ],
    now,
  ).map((s) => s.agent.agent);
  expect(order).toEqual([
    "lost",
    "rona",
    "ringing-long",
    "overdue",
    "talking",
    "wrap-up",
    "ready-long",
    "ready-short",
    "meal",
  ]);
});

test("a hold counts from its own beginning", () => {
  const held = agent("a", "talking", 600, { call: call({ voice: "held", voice_since: ago(100) }) });
  expect(needOf(held, now)).toBe("held_long");
  expect(byNeed([held], now)[0]?.seconds).toBe(100);
  expect(urgency("held_long")).toBe(2);
  expect(urgency("talking")).toBe(0);
});

test("who is ready without a desk gets no calls, and is shown so", () => {
  expect(needOf(agent("a", "ready", 5, { desk: false, media: false }), now)).toBe("no_desk");
});

test("waiting calls of all queues, the longest first, with how late they are", () => {
  const queue = (id: string, target: number, ages: number[]) =>
    ({
      queue: id,
      service_level_s: target,
      waiting: ages.map((s, i) => ({ call: `${id}${i}`, since: ago(s), customers: null })),
    }) as unknown as Queue;
  const out = waiters([queue("order", 20, [10, 21]), queue("service", 60, [50])], now);
  expect(out.map((w) => [w.call.call, w.seconds, w.late])).toEqual([
    ["service0", 50, 1],
    ["order1", 21, 2],
    ["order0", 10, 0],
  ]);
  expect(lateness(41, 20)).toBe(3);
  expect(lateness(100, 0)).toBe(0);
});
