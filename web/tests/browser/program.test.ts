// The dashboard as the program itself serves it: an empty estate, a file dropped on it, its answers.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, openBrowser, openPage, settled } from "./browser";

const program = process.env.UBIQUITOUS_BIN ?? "";
const hasAll = chromiumPath() !== undefined && existsSync(program);
const why = hasAll ? "" : chromiumPath() === undefined ? " [skipped: Chromium is missing]" : " [skipped: UBIQUITOUS_BIN names no program]";

const metadata = (name: string) => ({ name, namespace: "shop", uid: `uid-${name}`, creationTimestamp: "2026-11-01T00:00:00Z", labels: { app: name } });
const workload = (name: string, env: { name: string; value: string }[]) => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(name),
  spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: `shop/${name}:1`, env }] } } },
  status: { replicas: 1, readyReplicas: 1 },
});
const service = (name: string) => ({ apiVersion: "v1", kind: "Service", metadata: metadata(name), spec: { selector: { app: name }, ports: [{ port: 80 }], clusterIP: "10.0.0.1", type: "ClusterIP" } });
const MANIFEST = JSON.stringify({
  apiVersion: "v1", kind: "List",
  items: [workload("frontend", [{ name: "CART_SERVICE_ADDR", value: "cartservice:80" }]), workload("cartservice", []), service("frontend"), service("cartservice")],
});

/** Starts the program on a free port of its own and gives its address. */
async function started(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(program, ["--data-dir", folder, "serve", "--bind", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await new Promise<string>((done, failed) => {
    let said = "";
    const read = (bytes: Buffer) => {
      said += bytes.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) done(found[0]);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("exit", (code) => failed(new Error(`the program ended with ${code}: ${said.slice(0, 2_000)}`)));
    setTimeout(() => failed(new Error(`the program did not say where it serves: ${said.slice(0, 2_000)}`)), 60_000).unref();
  });
  return { child, url };
}

describe.skipIf(!hasAll)(`the program's own dashboard${why}`, () => {
  let browser: Browser;
  let running: { child: ChildProcess; url: string };
  const folder = hasAll ? mkdtempSync(join(tmpdir(), "ubiquitous-web-")) : "";
  beforeAll(async () => {
    browser = await openBrowser();
    running = await started(folder);
  });
  afterAll(async () => {
    await browser?.close();
    const { child } = running ?? {};
    if (child && child.exitCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("takes a dropped file and shows the estate it describes", { timeout: 120_000 }, async () => {
    const { page, errors, close } = await openPage(browser);
    await page.goto(running.url);
    await page.waitForSelector("h1:has-text('No data yet')");
    await page.goto(`${running.url}/ingest`);
    await page.locator("summary:has-text('What the file does not say itself')").click();
    await page.getByLabel("Cluster").fill("shop-prod");
    await page.locator("input[type=file]").setInputFiles({ name: "shop.json", mimeType: "application/json", buffer: Buffer.from(MANIFEST) });
    await page.waitForSelector("text=kubernetes: read", { timeout: 60_000 });
    await page.goto(`${running.url}/topology?see=table`);
    await page.waitForSelector("table[aria-label='Entities'] td:has-text('frontend')");
    await page.goto(`${running.url}/topology`);
    await page.waitForSelector("[data-node]");
    for (const path of ["/", "/system-metrics", "/cost", "/ingest"]) {
      await page.goto(running.url + path);
      await settled(page);
      expect(await page.locator("[role=alert]").count(), path).toBe(0);
    }
    await page.keyboard.press("Control+k");
    await page.keyboard.type("cartservice");
    await page.waitForSelector("#find-list .opt .mut");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/entity?id=**");
    await settled(page);
    expect(await page.textContent("h1")).toContain("cartservice");
    expect(errors).toEqual([]);
    await close();
  });
});
