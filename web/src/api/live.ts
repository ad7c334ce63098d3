// Answers as they change: one WebSocket for the whole page, resumed by version when it was lost (docs/LIVE.md).
import type { Params } from "./client";
import type { Envelope, Problem } from "./types";

export type LiveMessage =
  | { type: "welcome"; heartbeat_secs: number; subscriptions_max: number; program: string }
  | { type: "answer"; id: string; version: string; envelope: Envelope<unknown> }
  | { type: "patch"; id: string; version: string; from: string; patch: unknown }
  | { type: "current"; id: string; version: string }
  | { type: "problem"; id: string | null; is_subscribed: boolean; problem: Problem }
  | { type: "unsubscribed"; id: string }
  | { type: "heartbeat"; at: string }
  | { type: "closing"; reason: string };

/** What is used of a WebSocket. */
export interface Socket {
  send: (text: string) => void;
  close: () => void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface Subscription {
  /** `system-metrics`, `incidents/suspects`, `reports/dashboard`. */
  kebab: string;
  params: Params;
  /** The answer that the page has, and its version where it is known. */
  envelope: Envelope<unknown> | undefined;
  version: string | undefined;
  onAnswer: (envelope: Envelope<unknown>, version: string) => void;
  onProblem: (problem: Problem) => void;
}

export interface ConnectionState {
  isOpen: boolean;
  /** When it was lost; unset before it ever stood and while it stands. */
  lostAt: number | undefined;
}

/** First and longest pause before the next try, in milliseconds. */
export const PAUSE_MIN = 1_000;
export const PAUSE_MAX = 30_000;
/** Heartbeats that may be missed. */
const MISSED = 3;

/** A JSON merge patch, as RFC 7396 says it is applied. */
export function patched(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const isObject = target !== null && typeof target === "object" && !Array.isArray(target);
  const whole: Record<string, unknown> = isObject ? { ...(target as Record<string, unknown>) } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete whole[name];
    else whole[name] = patched(whole[name], value);
  }
  return whole;
}

/** How long to wait before try number `tries`, from 0; `share` of it, from 0 to 1, at random. */
export function pauseOf(tries: number, share: number): number {
  return Math.min(PAUSE_MAX, PAUSE_MIN * 2 ** tries) * (0.7 + 0.3 * share);
}

function wordsOf(id: string, one: Subscription): string {
  const params = Object.fromEntries(Object.entries(one.params).filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0)));
  const report = one.kebab.startsWith("reports/") ? one.kebab.slice("reports/".length) : undefined;
  const of = report === undefined ? { question: one.kebab } : { report };
  return JSON.stringify({ type: "subscribe", id, ...of, params, ...(one.version === undefined ? {} : { version: one.version }) });
}

export class LiveConnection {
  readonly #open: () => Socket;
  readonly #onState: (state: ConnectionState) => void;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Asked for in vain; asked for again on the next connection. */
  readonly #refused = new Set<string>();
  #socket: Socket | undefined;
  #isOpen = false;
  #lostAt: number | undefined;
  #tries = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #heartbeat = 20_000;

  constructor(open: () => Socket, onState: (state: ConnectionState) => void) {
    this.#open = open;
    this.#onState = onState;
  }

  subscribe(id: string, subscription: Subscription): void {
    this.#subscriptions.set(id, subscription);
    if (this.#isOpen) this.#socket?.send(wordsOf(id, subscription));
    else if (!this.#socket && this.#again === undefined) this.#connect();
  }

  unsubscribe(id: string): void {
    const wasRefused = this.#refused.delete(id);
    if (this.#subscriptions.delete(id) && this.#isOpen && !wasRefused) this.#socket?.send(JSON.stringify({ type: "unsubscribe", id }));
  }

  /** Ends it for good. */
  close(): void {
    this.#subscriptions.clear();
    clearTimeout(this.#again);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(): void {
    this.#again = undefined;
    const socket = this.#open();
    this.#socket = socket;
    socket.onmessage = (event) => this.#hear(socket, JSON.parse(String(event.data)) as LiveMessage);
    socket.onclose = () => this.#lost(socket);
  }

  #hear(socket: Socket, message: LiveMessage): void {
    if (socket !== this.#socket) return;
    if (message.type === "welcome") {
      this.#heartbeat = message.heartbeat_secs * 1_000;
      this.#isOpen = true;
      this.#tries = 0;
      this.#lostAt = undefined;
      this.#refused.clear();
      for (const [id, one] of this.#subscriptions) socket.send(wordsOf(id, one));
      this.#onState({ isOpen: true, lostAt: undefined });
    }
    this.#listenOn(socket);
    if (!("id" in message) || message.id === null) return;
    const one = this.#subscriptions.get(message.id);
    if (!one) return;
    switch (message.type) {
      case "current":
        one.version = message.version;
        break;
      case "answer":
        this.#take(one, message.envelope, message.version);
        break;
      case "patch":
        // One that does not fit what the page has is no use: the whole answer is asked for.
        if (one.envelope !== undefined && one.version === message.from) this.#take(one, patched(one.envelope, message.patch) as Envelope<unknown>, message.version);
        else this.#askAgain(socket, message.id, one);
        break;
      case "problem":
        if (!message.is_subscribed) this.#refused.add(message.id);
        one.onProblem(message.problem);
        break;
    }
  }

  #take(one: Subscription, envelope: Envelope<unknown>, version: string): void {
    one.envelope = envelope;
    one.version = version;
    one.onAnswer(envelope, version);
  }

  #askAgain(socket: Socket, id: string, one: Subscription): void {
    one.version = undefined;
    socket.send(JSON.stringify({ type: "unsubscribe", id }));
    socket.send(wordsOf(id, one));
  }

  /** A connection that says nothing for three heartbeats is lost, whatever the system thinks. */
  #listenOn(socket: Socket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      socket.close();
      this.#lost(socket);
    }, MISSED * this.#heartbeat);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#silence);
    this.#socket = undefined;
    this.#isOpen = false;
    this.#lostAt ??= Date.now();
    this.#again = setTimeout(() => this.#connect(), pauseOf(this.#tries++, Math.random()));
    this.#onState({ isOpen: false, lostAt: this.#lostAt });
  }
}
