// What the pages ask, as queries: a refresh keeps the old figures, an answer stays until it is old.
import { hashKey, keepPreviousData, QueryCache, QueryClient, useQuery } from "@tanstack/react-query";
import { getJson, getTagged, ProblemError, type Params } from "./client";
import { useIsNarrowed, useMe } from "./people";
import { versionOf, versions } from "./versions";
import type { EntityMatch, EntityPage, Envelope, IntakeEntry, QuestionInfo, Reject, Status } from "./types";

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The login ended meanwhile: whoever asks next is asked who it is.
    onError: (error, query) => {
      if (query.queryKey[0] !== "me" && error instanceof ProblemError && error.problem.status === 401) void queryClient.invalidateQueries({ queryKey: ["me"] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // A wrong parameter stays wrong; a store that is down may come back.
      retry: (count, error) => count < 1 && error instanceof ProblemError && [0, 502, 504].includes(error.problem.status),
      retryDelay: 600,
    },
  },
});

export function useAnswer<T>(kebab: string, params: Params, enabled = true) {
  return useQuery<Envelope<T>, ProblemError>({
    queryKey: ["answer", kebab, params],
    queryFn: async ({ queryKey, signal }) => {
      const { body, tag } = await getTagged<Envelope<T>>(`/api/v1/${kebab}`, params, signal);
      const version = versionOf(tag);
      if (version === undefined) versions.delete(hashKey(queryKey));
      else versions.set(hashKey(queryKey), version);
      return body;
    },
    placeholderData: keepPreviousData,
    enabled,
    // A store that is down is tried again; while the answer is live nothing moves by itself.
    refetchInterval: (query) => (query.state.error?.problem.status === 503 || query.state.data?.source === "stale" ? 30_000 : false),
  });
}

/** Whether what tells of the whole store may be asked: once it is known who asks, of those who see everything. */
function useSeesAll(): boolean {
  const isKnown = !useMe().isPending;
  return !useIsNarrowed() && isKnown;
}

export function useStatus() {
  const enabled = useSeesAll();
  return useQuery<Status, ProblemError>({
    queryKey: ["status"],
    queryFn: ({ signal }) => getJson("/api/v1/status", {}, signal),
    enabled,
    refetchInterval: 15_000,
  });
}

export function useQuestions() {
  return useQuery<QuestionInfo[], ProblemError>({
    queryKey: ["questions"],
    queryFn: ({ signal }) => getJson("/api/v1/questions", {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useEntity(id: string, asOf: string | undefined) {
  return useQuery<EntityPage, ProblemError>({
    queryKey: ["entity", id, asOf],
    queryFn: ({ signal }) => getJson("/api/v1/entity", { id, as_of: asOf }, signal),
    placeholderData: keepPreviousData,
    enabled: id !== "",
  });
}

export function useSearch(text: string) {
  return useQuery<{ matches: EntityMatch[] }, ProblemError>({
    queryKey: ["search", text],
    queryFn: ({ signal }) => getJson("/api/v1/search", { q: text, limit: 20 }, signal),
    placeholderData: keepPreviousData,
    enabled: text.length >= 2,
  });
}

export function useIntake(before: string | undefined, limit: number) {
  const enabled = useSeesAll();
  return useQuery<{ entries: IntakeEntry[]; next: number | null }, ProblemError>({
    queryKey: ["intake", before, limit],
    queryFn: ({ signal }) => getJson("/api/v1/intake", { before, limit }, signal),
    enabled,
    placeholderData: keepPreviousData,
  });
}

export function useIntakeEntry(id: string) {
  return useQuery<{ entry: IntakeEntry; rejects: Reject[] }, ProblemError>({
    queryKey: ["intake", "one", id],
    queryFn: ({ signal }) => getJson(`/api/v1/intake/${encodeURIComponent(id)}`, {}, signal),
  });
}
