// The login, in place of everything else while a login is needed and there is none.
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { useLogin, useMe } from "../api/people";
import { sentence } from "../parts/states";

export function LoginGate({ children }: { children: ReactNode }) {
  const me = useMe();
  return me.error?.problem.status === 401 ? <Login /> : children;
}

function Login() {
  const login = useLogin();
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
        <label className="grid gap-1 text-12 text-ink-2" htmlFor={ids.account}>
          Account
          <input id={ids.account} className="input !h-9" name="account" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus maxLength={64} value={account} onChange={(event) => setAccount(event.target.value)} />
        </label>
        <label className="grid gap-1 text-12 text-ink-2" htmlFor={ids.password}>
          Password
          <input id={ids.password} className="input !h-9" name="password" type="password" autoComplete="current-password" required maxLength={256} value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {login.error && <p className="text-12 text-crit" role="alert">{sentence(login.error.problem.detail ?? login.error.problem.title)}</p>}
        <button type="submit" className="btn p justify-self-start" disabled={login.isPending}>{login.isPending ? "Logs in" : "Log in"}</button>
      </form>
    </main>
  );
}
