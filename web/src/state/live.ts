// What has changed since it was shown. While someone reads, changes wait until they are asked for; on a page
// that nobody touches they show by themselves.
import { hashKey, type Query, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { LiveConnection, type Socket } from "../api/live";
import { versions } from "../api/versions";
import type { Params } from "../api/client";
import type { Envelope } from "../api/types";

export interface LiveState {
  /** Changes that wait. */
  count: number;
  /** When the oldest of them came. */
  since: number | undefined;
  /** When the connection was lost; unset while it stands or has yet to. */
  lostAt: number | undefined;
}

/** A page that was not touched for this long is not being read, in milliseconds. */
const RESTED = 30_000;
/** Most answers of one page that are followed. */
const FOLLOWED_MAX = 60;
const NOTHING: LiveState = { count: 0, since: undefined, lostAt: undefined };

interface Waiting {
  key: readonly unknown[];
  envelope: Envelope<unknown>;
  version: string;
  since: number;
  count: number;
}

const waiting = new Map<string, Waiting>();
/** Short names of subscriptions, by the hash of their query. */
const names = new Map<string, string>();
const listeners = new Set<() => void>();
let state = NOTHING;
let lostAt: number | undefined;
let touchedAt = 0;
let named = 0;

function tell(): void {
  const all = [...waiting.values()];
  state = { count: all.reduce((sum, one) => sum + one.count, 0), since: all.length === 0 ? undefined : Math.min(...all.map((one) => one.since)), lostAt };
  for (const listener of listeners) listener();
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
    () => NOTHING,
  );
}

/** Shows what waits, and asks the rest of the page again: it shows one state, not that of each answer's arrival. */
export function showChanges(client: QueryClient): void {
  const shown = new Set(waiting.keys());
  for (const [hash, one] of waiting) {
    versions.set(hash, one.version);
    client.setQueryData(one.key as unknown[], one.envelope);
  }
  waiting.clear();
  if (shown.size > 0) tell();
  void client.invalidateQueries({ predicate: (query) => !shown.has(query.queryHash) });
}

const isReading = () => document.visibilityState === "visible" && Date.now() - touchedAt < RESTED;

function socketOf(): Socket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/api/v1/live`) as Socket;
}

/** The answers on the page, as they can be followed: an instant that is asked for does not change. */
function followable(client: QueryClient): Query[] {
  const active = client.getQueryCache().findAll({ queryKey: ["answer"], type: "active" });
  const is = (query: Query) => query.queryKey.length === 3 && query.state.data !== undefined && !(query.queryKey[2] as Params).as_of;
  return active.filter(is).slice(0, FOLLOWED_MAX);
}

function follow(client: QueryClient, connection: LiveConnection): void {
  const wanted = new Map(followable(client).map((query) => [query.queryHash, query]));
  for (const [hash, name] of names) {
    if (wanted.has(hash)) continue;
    connection.unsubscribe(name);
    names.delete(hash);
    if (waiting.delete(hash)) tell();
  }
  for (const [hash, query] of wanted) {
    if (names.has(hash)) continue;
    const name = `q${++named}`;
    names.set(hash, name);
    const [, kebab, params] = query.queryKey as [string, string, Params];
    connection.subscribe(name, {
      kebab, params, envelope: query.state.data as Envelope<unknown>, version: versions.get(hash),
      onAnswer: (envelope, version) => arrived(client, query.queryKey, hash, envelope, version),
      // The page says by itself what its route says.
      onProblem: (problem) => problem.status === 503 && void client.invalidateQueries({ queryKey: query.queryKey, exact: true }),
    });
  }
}

function arrived(client: QueryClient, key: readonly unknown[], hash: string, envelope: Envelope<unknown>, version: string): void {
  const shown = client.getQueryData<Envelope<unknown>>(key as unknown[]);
  const before = waiting.get(hash);
  const isSame = shown !== undefined && shown.source === envelope.source && hashKey([shown.data, shown.warnings]) === hashKey([envelope.data, envelope.warnings]);
  if (isSame || !isReading()) {
    waiting.delete(hash);
    versions.set(hash, version);
    client.setQueryData(key as unknown[], envelope);
  } else {
    waiting.set(hash, { key, envelope, version, since: before?.since ?? Date.now(), count: (before?.count ?? 0) + 1 });
  }
  tell();
}

const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove", "scroll"];

/** Follows what the page shows; used once, by the frame. */
export function useFollowing(client: QueryClient): void {
  useEffect(() => {
    const touch = () => (touchedAt = Date.now());
    touch();
    for (const one of TOUCHES) addEventListener(one, touch, { passive: true, capture: true });
    const connection = new LiveConnection(socketOf, (now) => {
      // What was missed of the rest of the page is asked again.
      if (now.isOpen && lostAt !== undefined) void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "answer" });
      lostAt = now.lostAt;
      tell();
    });
    let soon: ReturnType<typeof setTimeout> | undefined;
    const leave = client.getQueryCache().subscribe((event) => {
      // Asked again by the page itself: what waited is older.
      const isAnswered = event.type === "updated" && event.action.type === "success" && !event.action.manual;
      if (isAnswered && waiting.delete(event.query.queryHash)) setTimeout(tell);
      if (event.type === "removed") versions.delete(event.query.queryHash);
      soon ??= setTimeout(() => {
        soon = undefined;
        follow(client, connection);
      }, 50);
    });
    const rested = setInterval(() => waiting.size > 0 && !isReading() && showChanges(client), 2_000);
    return () => {
      leave();
      clearTimeout(soon);
      clearInterval(rested);
      for (const one of TOUCHES) removeEventListener(one, touch, { capture: true });
      connection.close();
      names.clear();
    };
  }, [client]);
}
