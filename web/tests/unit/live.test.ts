// The live connection: patches as RFC 7396 publishes them, resuming by version, trying again.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection, patched, pauseOf, type ConnectionState, type Socket } from "../../src/api/live";
import { versionOf } from "../../src/api/versions";
import type { Envelope } from "../../src/api/types";

describe("a merge patch", () => {
  // RFC 7396, appendix A: target, patch, result.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("turns %j by %j into %j", (target, patch, result) => expect(patched(target, patch)).toEqual(result));

  it("leaves what it is applied to as it was", () => {
    const target = { a: { b: 1 } };
    patched(target, { a: { b: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
  });
});

describe("the version in an ETag", () => {
  it("is what stands between the quotes", () => {
    expect(versionOf('W/"af01"')).toBe("af01");
    expect(versionOf(null)).toBeUndefined();
    expect(versionOf("af01")).toBeUndefined();
  });
});

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.onclose?.();
  }
  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const WELCOME = { type: "welcome", heartbeat_secs: 20, subscriptions_max: 64, program: "1" };
const envelope = (data: unknown) => ({ data }) as Envelope<unknown>;

describe("the live connection", () => {
  let sockets: FakeSocket[];
  let states: ConnectionState[];
  let connection: LiveConnection;
  const last = () => sockets[sockets.length - 1]!;
  const subscribed = (id: string, kebab: string, version?: string) => {
    const heard: unknown[] = [];
    connection.subscribe(id, { kebab, params: { limit: 5, kind: [], as_of: undefined }, envelope: envelope(0), version, onAnswer: (one) => heard.push(one.data), onProblem: (problem) => heard.push(problem.status) });
    return heard;
  };
  beforeEach(() => {
    vi.useFakeTimers();
    [sockets, states] = [[], []];
    connection = new LiveConnection(() => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    }, (state) => states.push(state));
  });
  afterEach(() => vi.useRealTimers());

  it("names questions and reports, and takes answers and patches", () => {
    const heard = subscribed("q", "incidents/suspects", "v1");
    subscribed("r", "reports/dashboard");
    expect(last().sent).toEqual([]);
    last().says(WELCOME);
    expect(last().sent).toEqual([
      { type: "subscribe", id: "q", question: "incidents/suspects", params: { limit: 5 }, version: "v1" },
      { type: "subscribe", id: "r", report: "dashboard", params: { limit: 5 } },
    ]);
    last().says({ type: "patch", id: "q", version: "v2", from: "v1", patch: { data: 2 } });
    last().says({ type: "answer", id: "q", version: "v3", envelope: { data: 3 } });
    last().says({ type: "problem", id: "q", is_subscribed: true, problem: { title: "away", status: 503 } });
    expect(heard).toEqual([2, 3, 503]);
  });

  it("asks for what was refused on the next connection only", () => {
    const heard = subscribed("q", "topology");
    last().says(WELCOME);
    last().says({ type: "problem", id: "q", is_subscribed: false, problem: { title: "no", status: 400 } });
    connection.unsubscribe("q");
    expect(heard).toEqual([400]);
    expect(last().sent.length).toBe(1);
    subscribed("r", "topology");
    last().says({ type: "problem", id: "r", is_subscribed: false, problem: { title: "no", status: 503 } });
    last().close();
    vi.advanceTimersByTime(1_000);
    last().says(WELCOME);
    expect(last().sent.map((one) => one.id)).toEqual(["r"]);
  });

  it("asks for the whole answer where a patch does not fit", () => {
    const heard = subscribed("q", "topology", "v1");
    last().says(WELCOME);
    last().says({ type: "patch", id: "q", version: "v9", from: "v8", patch: { data: 9 } });
    expect(heard).toEqual([]);
    expect(last().sent.slice(1)).toEqual([{ type: "unsubscribe", id: "q" }, { type: "subscribe", id: "q", question: "topology", params: { limit: 5 } }]);
  });

  it("comes back by itself, with what it has", () => {
    subscribed("q", "topology");
    last().says(WELCOME);
    last().says({ type: "answer", id: "q", version: "v5", envelope: { data: 5 } });
    last().close();
    expect(states.map((one) => one.isOpen)).toEqual([true, false]);
    vi.advanceTimersByTime(1_000);
    expect(sockets.length).toBe(2);
    last().says(WELCOME);
    expect(last().sent).toEqual([{ type: "subscribe", id: "q", question: "topology", params: { limit: 5 }, version: "v5" }]);
    expect(states[states.length - 1]).toEqual({ isOpen: true, lostAt: undefined });
  });

  it("waits longer with each try, and remembers since when it is lost", () => {
    expect([0, 1, 2, 3, 9].map((tries) => pauseOf(tries, 1))).toEqual([1_000, 2_000, 4_000, 8_000, 30_000]);
    subscribed("q", "topology");
    const begun = Date.now();
    last().close();
    vi.advanceTimersByTime(1_000);
    last().close();
    vi.advanceTimersByTime(1_000);
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(1_000);
    expect(sockets.length).toBe(3);
    expect(states[states.length - 1]).toEqual({ isOpen: false, lostAt: begun });
  });

  it("takes silence for loss", () => {
    subscribed("q", "topology");
    last().says(WELCOME);
    vi.advanceTimersByTime(59_000);
    last().says({ type: "heartbeat", at: "2026-01-01T00:00:00Z" });
    vi.advanceTimersByTime(59_000);
    expect(sockets.length).toBe(1);
    vi.advanceTimersByTime(3_000);
    expect(sockets.length).toBe(2);
  });
});
