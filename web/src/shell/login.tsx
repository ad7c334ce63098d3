// The login, in place of everything else while a login is needed and there is none.
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { useLogin, useLoginWays, useMe } from "../api/people";
import { queryOf } from "../api/client";
import { sentence } from "../parts/states";

export function LoginGate({ children }: { children: ReactNode }) {
  const me = useMe();
  // Until it is known who asks, nothing is asked: without a login each answer would be a refusal.
  if (!me.isFetched) return null;
  return me.error?.problem.status === 401 ? <Login /> : children;
}

/** Why the way by the issuer led to no login, by the word that the program leaves in the address. */
const WHY: Record<string, string> = {
  refused: "The issuer did not let you in.",
  expired: "That login took too long or was begun in another browser. Begin again.",
  "no-account": "You have no account here, or it is disabled. Ask whoever looks after accounts to add you by the name that the issuer gives.",
  invalid: "What the issuer said of you does not hold. Begin again; if it stays so, tell whoever looks after the program.",
  unavailable: "The issuer does not answer. Try again in a moment, or log in with a password.",
};

/** Leads to the organisation's own issuer of tokens, and from there back to this page. */
function ByIssuer() {
  const issuer = useLoginWays().data?.issuer;
  const { pathname, search } = window.location;
  const query = new URLSearchParams(search);
  const why = WHY[query.get("login") ?? ""];
  query.delete("login");
  const next = query.size === 0 ? pathname : `${pathname}?${query}`;
  if (!issuer) return null;
  return (
    <div className="grid gap-2 border-b border-line pb-4">
      <a className="btn p justify-center" href={`/api/v1/oidc/login${queryOf({ next })}`}>Log in with {issuer}</a>
      {why && <p className="text-12 text-crit" role="alert">{why}</p>}
    </div>
  );
}

function Login() {
  const login = useLogin();
  const hasIssuer = Boolean(useLoginWays().data?.issuer);
  const [account, setAccount] = useState("");
  const [password, setPassword] = useState("");
  const ids = { account: useId(), password: useId() };
  const send = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ account, password }, { onError: () => setPassword("") });
  };
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form className="panel grid w-full max-w-[340px] gap-4 p-6" onSubmit={send} aria-label="Log in">
        <h1 className="text-16 font-semibold">Ubiquitous</h1>
        <ByIssuer />
        <label className="grid gap-1 text-12 text-ink-2" htmlFor={ids.account}>
          Account
          <input id={ids.account} className="input !h-9" name="account" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus maxLength={64} value={account} onChange={(event) => setAccount(event.target.value)} />
        </label>
        <label className="grid gap-1 text-12 text-ink-2" htmlFor={ids.password}>
          Password
          <input id={ids.password} className="input !h-9" name="password" type="password" autoComplete="current-password" required maxLength={256} value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {login.error && <p className="text-12 text-crit" role="alert">{sentence(login.error.problem.detail ?? login.error.problem.title)}</p>}
        <button type="submit" className={`btn justify-self-start ${hasIssuer ? "" : "p"}`} disabled={login.isPending}>{login.isPending ? "Logs in" : "Log in"}</button>
      </form>
    </main>
  );
}
