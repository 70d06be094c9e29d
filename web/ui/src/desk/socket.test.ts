import { expect, test } from "vitest";
import { DeskSocket, type State } from "./socket";

/** A scripted server and a clock that only moves when told. */
function bench() {
  const sockets: Fake[] = [];
  const timers: { f: () => void; at: number }[] = [];
  const states: State[] = [];
  let now = 1000;
  class Fake {
    readyState = 0;
    sent: Record<string, unknown>[] = [];
    onmessage: (e: { data: string }) => void = () => {};
    onclose: (e: { code: number }) => void = () => {};
    constructor(readonly url: string) {
      sockets.push(this);
    }
    send(s: string) {
      this.sent.push(JSON.parse(s));
    }
    close() {
      this.readyState = 3;
    }
    say(m: unknown) {
      this.readyState = 1;
      this.onmessage({ data: JSON.stringify(m) });
    }
    end(code: number) {
      this.readyState = 3;
      this.onclose({ code });
    }
  }
  let ended = 0;
  const socket = new DeskSocket({
    as: "desk",
    client: "client-0001",
    onState: (s) => states.push(s),
    onEnded: () => ended++,
    connect: (url) => new Fake(url) as unknown as WebSocket,
    later: (f, ms) => {
      const t = { f, at: now + ms };
      timers.push(t);
      return t;
    },
    never: (t) => {
      const i = timers.indexOf(t as (typeof timers)[number]);
      if (i >= 0) timers.splice(i, 1);
    },
    now: () => now,
    chance: () => 0.5,
  });
  const pass = (ms: number) => {
    now += ms;
    for (;;) {
      const i = timers.findIndex((t) => t.at <= now);
      if (i < 0) return;
      timers.splice(i, 1)[0]?.f();
    }
  };
  const last = () => {
    const s = sockets.at(-1);
    if (!s) throw new Error("no socket was opened");
    return s;
  };
  return { socket, sockets, last, pass, state: () => states.at(-1), ended: () => ended };
}

const snapshot = { seq: 40, type: "snapshot", data: { epoch: "E1", overflow: false, agent: { state: "ready" } } };

test("a snapshot opens the desk, and later messages replace its parts", () => {
  const b = bench();
  b.last().say(snapshot);
  expect(b.state()?.link).toBe("open");
  expect(b.state()?.agent?.state).toBe("ready");
  b.last().say({ seq: 44, type: "agent", data: { state: "ringing" } });
  expect(b.state()?.agent?.state).toBe("ringing");
});

test("after a break it goes on where it was, with back-off, and says since when it is lost", () => {
  const b = bench();
  b.last().say(snapshot);
  b.last().say({ seq: 44, type: "agent", data: { state: "talking" } });
  b.last().end(1006);
  expect(b.state()).toMatchObject({ link: "lost", lostSince: 1000, agent: { state: "talking" } });
  b.pass(0);
  expect(b.last().url).toContain("epoch=E1&since=44");
  b.last().end(1006);
  const opened = b.sockets.length;
  b.pass(249);
  expect(b.sockets.length).toBe(opened);
  b.pass(1);
  expect(b.sockets.length).toBe(opened + 1);
  expect(b.state()?.lostSince).toBe(1000);
  b.last().say({ seq: 45, type: "agent", data: { state: "wrap_up" } });
  expect(b.state()).toMatchObject({ link: "open", lostSince: 0, agent: { state: "wrap_up" } });
});

test("the numbers of another server's life start anew", () => {
  const b = bench();
  b.last().say(snapshot);
  b.last().end(1001);
  b.pass(0);
  b.last().say({ seq: 3, type: "snapshot", data: { epoch: "E2", agent: { state: "ready" } } });
  b.last().end(1001);
  b.pass(0);
  expect(b.last().url).toContain("epoch=E2&since=3");
});

test("requests are granted, refused, or fail with the connection", async () => {
  const b = bench();
  await expect(b.socket.request("ready")).rejects.toMatchObject({ code: "offline" });
  b.last().say(snapshot);
  const granted = b.socket.request("answer", { leg: "c.2" });
  expect(b.last().sent.at(-1)).toMatchObject({ do: "answer", leg: "c.2" });
  b.last().say({ re: b.last().sent.at(-1)?.id, ok: true });
  await granted;
  const refused = b.socket.request("answer", { leg: "c.2" });
  b.last().say({ re: b.last().sent.at(-1)?.id, problem: { code: "too_late", title: "too late" } });
  await expect(refused).rejects.toMatchObject({ code: "too_late" });
  const cut = b.socket.request("hold", { leg: "c.2" });
  b.last().end(1006);
  await expect(cut).rejects.toMatchObject({ code: "offline" });
});

test("the take-over is a question first, and being taken is final until asked", () => {
  const b = bench();
  b.last().say({ type: "take_over", data: { since: "2026-01-01T00:00:00Z", address: "127.0.0.1" } });
  expect(b.state()?.link).toBe("asked");
  b.socket.takeOver();
  expect(b.last().sent.at(-1)).toMatchObject({ do: "take_over" });
  b.last().say(snapshot);
  expect(b.state()).toMatchObject({ link: "open", takeOver: null });
  b.last().say({ type: "taken", data: null });
  b.last().end(4001);
  expect(b.state()?.link).toBe("taken");
  const opened = b.sockets.length;
  b.pass(60_000);
  expect(b.sockets.length).toBe(opened);
  b.socket.retry();
  expect(b.sockets.length).toBe(opened + 1);
});

test("the end of the session is told once and nothing reconnects", () => {
  const b = bench();
  b.last().say(snapshot);
  b.last().end(4003);
  b.pass(60_000);
  expect(b.ended()).toBe(1);
  expect(b.sockets.length).toBe(1);
});

test("a way that died silently is found by asking", () => {
  const b = bench();
  b.last().say(snapshot);
  b.pass(10_000);
  expect(b.last().sent.at(-1)).toMatchObject({ do: "ping" });
  b.pass(5_000);
  expect(b.state()?.link).toBe("lost");
  expect(b.sockets.length).toBe(2);
});
