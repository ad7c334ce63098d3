// The page's state, read from and written to the address.
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { changed, contextOf, many, one, type Search } from "./address";

export interface View {
  path: string;
  search: Search;
  get: (key: string) => string | undefined;
  all: (key: string) => string[];
  /** Changes keys of the state; the page stays. */
  set: (change: Record<string, string | string[] | undefined>, options?: { replace?: boolean }) => void;
  /** Goes to another page, taking the context along. */
  go: (path: string, search?: Search) => void;
}

export function useView(): View {
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useRouterState({ select: (state) => state.location.search as Search });
  const set = useCallback<View["set"]>(
    (change, options) => {
      void navigate({ to: ".", search: (before: Search) => changed(before, change), replace: options?.replace ?? false, resetScroll: false } as never);
    },
    [navigate],
  );
  const go = useCallback<View["go"]>(
    (to, more = {}) => {
      void navigate({ to, search: (before: Search) => ({ ...contextOf(before), ...more }) } as never);
    },
    [navigate],
  );
  return useMemo(
    () => ({ path, search, get: (key) => one(search, key), all: (key) => many(search, key), set, go }),
    [path, search, set, go],
  );
}

/** The parameters that the context bar gives to every question. */
export function useContextParams(): Record<string, string | string[] | undefined> {
  const view = useView();
  return useMemo(() => {
    const params: Record<string, string | string[] | undefined> = {};
    for (const key of ["unit", "environment", "account", "region", "cluster", "namespace"]) params[key] = view.all(key);
    params.as_of = view.get("as_of");
    return params;
  }, [view]);
}
