import { describe, expect, it, vi } from "vitest";
import { PauseChannel, readState } from "./pause";

const now = Date.parse("2026-03-04T05:06:07Z");

describe("readState", () => {
  it("reads a pause, and when it began by this clock", () => {
    const s = readState(
      '{"event":"recording","leg":"c1.2","recorded":true,"paused":true,"by":"u1","cause":"agent","for_ms":12000,"limit_ms":180000,"stored":true}',
      now,
    );
    expect(s).toMatchObject({
      leg: "c1.2",
      paused: true,
      cause: "agent",
      since: "2026-03-04T05:05:55.000Z",
      limit: 180,
    });
    expect(s?.ask).toBe(false);
  });
  it("takes nothing else for one", () => {
    for (const data of ["", "null", "[]", '{"re":1}', '{"event":"other"}', "{"])
      expect(readState(data, now)).toBeNull();
  });
});

describe("PauseChannel", () => {
  const open = () => {
    const sent: string[] = [];
    const channel = { readyState: "open", send: (s: string) => sent.push(s) } as unknown as RTCDataChannel;
    return { channel, sent, say: (data: string) => channel.onmessage?.(new MessageEvent("message", { data })) };
  };
  it("matches answers to what was asked", async () => {
    const { channel, sent, say } = open();
    const c = new PauseChannel(
      channel,
      () => {},
      () => {},
    );
    const one = c.ask("pause", "c1.2");
    const two = c.ask("resume", "c1.2");
    expect(sent.map((s) => JSON.parse(s))).toEqual([
      { id: 1, do: "pause", leg: "c1.2" },
      { id: 2, do: "resume", leg: "c1.2" },
    ]);
    say('{"re":2,"problem":{"code":"not_stored","detail":"disk full"}}');
    say('{"re":1}');
    expect(await two).toBe("not_stored");
    expect(await one).toBe("");
  });
  it("does not wait for ever, nor for a channel that is closed", async () => {
    vi.useFakeTimers();
    const { channel } = open();
    const c = new PauseChannel(
      channel,
      () => {},
      () => {},
    );
    const late = c.ask("pause", "c1.2");
    vi.advanceTimersByTime(3000);
    expect(await late).toBe("no_media");
    vi.useRealTimers();
    const closed = { readyState: "closed" } as RTCDataChannel;
    const none = new PauseChannel(
      closed,
      () => {},
      () => {},
    );
    expect(await none.ask("pause", "c1.2")).toBe("no_media");
  });
});
