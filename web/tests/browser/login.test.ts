// Logging in at the organisation's own issuer: the way there and back, and every way that leads to no login.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "./browser";
import { CLIENT, Issuer } from "./issuer";
import { hasAll, program, started, stopped, why, type Running } from "./program";

const NAME = "the company";

describe.skipIf(!hasAll)(`logging in at the issuer${why}`, () => {
  let browser: Browser;
  let issuer: Issuer;
  let running: Running;
  const folder = hasAll ? mkdtempSync(join(tmpdir(), "ubiquitous-login-")) : "";

  beforeAll(async () => {
    [browser, issuer] = await Promise.all([openBrowser(), Issuer.start()]);
    for (const name of ["vera@shop.example", "gone@shop.example"]) {
      const role = name.startsWith("vera") ? "admin" : "viewer";
      const ran = spawnSync(program, ["--data-dir", folder, "account", "add", name, "--role", role, "--no-password"], { encoding: "utf8" });
      expect(ran.status, ran.stderr).toBe(0);
    }
    expect(spawnSync(program, ["--data-dir", folder, "account", "disable", "gone@shop.example"]).status).toBe(0);
    running = await started(folder, {
      UBIQUITOUS_OIDC_ISSUER: issuer.url,
      UBIQUITOUS_OIDC_CLIENT_ID: CLIENT.id,
      UBIQUITOUS_OIDC_CLIENT_SECRET: CLIENT.secret,
      UBIQUITOUS_OIDC_TITLE: NAME,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stopped(running);
    await issuer?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page and goes to the issuer from there. */
  async function goes(page: Page, path: string): Promise<void> {
    await page.goto(running.url + path);
    await page.getByRole("link", { name: `Log in with ${NAME}` }).click();
  }
  /** The program's cookies; the issuer's are of the same host, and cookies know no ports. */
  async function kept(page: Page): Promise<[string, boolean, string][]> {
    const all = await page.context().cookies(running.url);
    return all.filter(({ name }) => name.startsWith("ubiquitous")).map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]);
  }
  const me = (page: Page) => page.evaluate(async () => (await fetch("/api/v1/me")).json() as Promise<{ account: string }>);

  // First: until now nobody asked the issuer anything.
  it("says when the issuer does not answer", async () => {
    const { page, errors, close } = await openPage(browser, { expects: [401] });
    issuer.serve(running.url);
    issuer.isAway = true;
    await goes(page, "/cost?window=30d");
    await page.getByRole("alert").getByText("does not answer").waitFor();
    expect(new URL(page.url()).pathname).toBe("/cost");
    issuer.isAway = false;
    expect(errors).toEqual([]);
    await close();
  });

  it("lets in whom the issuer names, and leads back to the page", async () => {
    const { page, errors, close } = await openPage(browser, { expects: [401] });
    issuer.named = { email: "Vera@shop.example", isVerified: true };
    await goes(page, "/cost?window=30d");
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    const { pathname, searchParams } = new URL(page.url());
    expect([pathname, searchParams.get("window"), searchParams.get("login")]).toEqual(["/cost", "30d", null]);
    expect((await me(page)).account).toBe("vera@shop.example");
    expect(await kept(page)).toEqual([["ubiquitous_session", true, "Strict"]]);
    const audit = await page.evaluate(async () => (await fetch("/api/v1/audit")).text());
    expect(audit).toContain("login by issuer");
    expect(errors).toEqual([]);
    await close();
  });

  const whoComesNot: [string, Issuer["named"], string][] = [
    ["who has no account", { email: "nobody@shop.example", isVerified: true }, "You have no account here"],
    ["whose account is disabled", { email: "gone@shop.example", isVerified: true }, "You have no account here"],
    ["whose address was not verified", { email: "vera@shop.example", isVerified: false }, "does not hold"],
    ["whom the issuer refuses", null, "did not let you in"],
  ];
  it.each(whoComesNot)("does not let in %s", async (_who, named, said) => {
    const { page, close } = await openPage(browser, { expects: [401] });
    issuer.named = named;
    await goes(page, "/");
    await page.getByRole("alert").getByText(said).waitFor();
    expect(await kept(page)).toEqual([]);
    await close();
  });

  const changed = (part: number) => (body: string) => {
    const answer = JSON.parse(body) as { id_token?: string };
    if (answer.id_token === undefined) return body;
    const parts = answer.id_token.split(".");
    const [first = "", ...rest] = parts[part] ?? "";
    parts[part] = `${first === "A" ? "B" : "A"}${rest.join("")}`;
    return JSON.stringify({ ...answer, id_token: parts.join(".") });
  };
  it.each([
    ["whose signature is another", changed(2)],
    ["that is no token", (body: string) => JSON.stringify({ ...(JSON.parse(body) as object), id_token: "x.y.z" })],
    ["that is missing", (body: string) => JSON.stringify({ ...(JSON.parse(body) as object), id_token: undefined })],
  ])("takes no token %s", async (_what, tampered) => {
    const { page, close } = await openPage(browser, { expects: [401] });
    issuer.named = { email: "vera@shop.example", isVerified: true };
    issuer.tampered = tampered;
    await goes(page, "/");
    await page.getByRole("alert").getByText("does not hold").waitFor();
    issuer.tampered = (body) => body;
    expect(await kept(page)).toEqual([]);
    await close();
  });

  it("takes no token of another login", async () => {
    const { page, close } = await openPage(browser, { expects: [401] });
    issuer.named = { email: "vera@shop.example", isVerified: true };
    let earlier = "";
    issuer.tampered = (body) => (earlier = body);
    await goes(page, "/");
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    await page.context().clearCookies();
    // Signed by the issuer, for this program, not expired; but its nonce is of the login before.
    issuer.tampered = (body) => (body.includes("id_token") ? earlier : body);
    await goes(page, "/");
    await page.getByRole("alert").getByText("does not hold").waitFor();
    issuer.tampered = (body) => body;
    await close();
  });

  it("takes nobody back who did not begin here, and leads to no other site", async () => {
    const get = (path: string, headers: Record<string, string> = {}) => fetch(running.url + path, { redirect: "manual", headers });
    const cookies: Record<string, string>[] = [{}, { cookie: "ubiquitous_login=a:b:c:%2F" }];
    for (const headers of cookies) {
      const back = await get("/api/v1/oidc/callback?code=x&state=forged", headers);
      expect([back.status, back.headers.get("location")]).toEqual([303, "/?login=expired"]);
      expect(back.headers.get("set-cookie")).not.toContain("session");
    }
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
      const away = await get(`/api/v1/oidc/login?next=${encodeURIComponent(next)}`);
      expect(away.headers.get("location")).toMatch(new RegExp(`^${issuer.url}/auth\\?`));
      expect(away.headers.get("set-cookie")).toContain(":%2F;");
    }
  });

  it("takes no password of an account that has none", async () => {
    const response = await fetch(`${running.url}/api/v1/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ account: "vera@shop.example", password: "*" }) });
    expect(response.status).toBe(401);
  });
});
