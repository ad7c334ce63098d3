// Who uses the dashboard: the login, and its end.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, postJson, postNothing, type ProblemError } from "./client";

export interface Me {
  account: string | null;
  role: "viewer" | "editor" | "admin";
  units: string[] | null;
  has_session: boolean;
}

export function useMe() {
  return useQuery<Me, ProblemError>({
    queryKey: ["me"],
    queryFn: ({ signal }) => getJson("/api/v1/me", {}, signal),
    staleTime: 60_000,
  });
}

/** Whether the account sees a part of the organisation only: what tells of the whole store is not for it. */
export function useIsNarrowed(): boolean {
  const units = useMe().data?.units;
  return units !== undefined && units !== null;
}

export interface LoginWays {
  has_accounts: boolean;
  issuer: string | null;
}

/** How one logs in here. */
export function useLoginWays() {
  return useQuery<LoginWays, ProblemError>({
    queryKey: ["login-ways"],
    queryFn: ({ signal }) => getJson("/api/v1/login", {}, signal),
    staleTime: Infinity,
  });
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation<Me, ProblemError, { account: string; password: string }>({
    mutationFn: (login) => postJson("/api/v1/login", login),
    // What another account was shown is not kept for this one. Who asks stays: the page listens to it.
    onSuccess: (me) => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
      client.setQueryData(["me"], me);
    },
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation<void, ProblemError, void>({
    mutationFn: () => postNothing("/api/v1/logout"),
    onSettled: () => {
      client.clear();
      void client.invalidateQueries({ queryKey: ["me"] });
      window.location.reload();
    },
  });
}
