// The dashboard in use: by keyboard alone, by address, with evidence, upload and slow answers.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixtures, type Variant } from "../fixtures/server";
import { chromiumPath, openBrowser, openPage, settled, type Look, type Watched } from "./browser";
import { PAYMENTS } from "./pages";

const hasBrowser = chromiumPath() !== undefined;
const why = hasBrowser ? "" : " [skipped: Chromium is missing]";

describe.skipIf(!hasBrowser)(`use${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  async function at(path: string, test: (watched: Watched) => Promise<void>, variant: Variant = "normal", look: Look = {}): Promise<void> {
    const fixtures = await startFixtures(variant);
    const watched = await openPage(browser, look);
    try {
      await watched.page.goto(fixtures.url + path);
      if (variant !== "slow") await settled(watched.page);
      await test(watched);
      expect(watched.errors).toEqual([]);
    } finally {
      await watched.close();
      await fixtures.stop();
    }
  }

  it("says that the connection is lost, keeps what it shows, and comes back", { timeout: 30_000 }, async () => {
    const fixtures = await startFixtures("normal");
    const { page, close } = await openPage(browser);
    await page.goto(`${fixtures.url}/incidents`);
    await settled(page);
    const live = page.locator(".live");
    expect(await live.textContent()).toBe("Live");
    fixtures.letIn(false);
    await page.waitForSelector(".live:has-text('Not live since')");
    expect(await page.locator("[role=alert]").count()).toBe(0);
    fixtures.letIn(true);
    await page.waitForSelector(".live:text-is('Live')");
    await close();
    await fixtures.stop();
  });

  it("goes from page to page, row to row and into an entity by keyboard alone", () =>
    at("/", async ({ page }) => {
      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await page.waitForURL("**/system-metrics");
      await settled(page);
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      expect(await page.evaluate("document.activeElement.dataset.row")).toBe(PAYMENTS);
      await page.keyboard.press("Enter");
      await page.waitForURL("**sel=**");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("fraud");
      await page.waitForSelector("#find-list .opt:has-text('fraud-score')");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/entity?id=**");
      await settled(page);
      expect(await page.textContent("h1")).toContain("fraud-score");
    }));

  it("opens evidence for a figure and returns focus to it", () =>
    at("/cost", async ({ page }) => {
      const figure = page.locator(".strip .num").first();
      await figure.focus();
      await page.keyboard.press("Enter");
      const drawer = page.locator("dialog.drawer");
      await drawer.waitFor();
      const text = (await drawer.textContent()) ?? "";
      for (const part of ["Definition", "Inputs", "Sources", "Window and coverage", "ubiquitous ask cost-analysis", "GET /api/v1/cost-analysis"]) expect(text).toContain(part);
      const [box, asked] = [await drawer.boundingBox(), await figure.boundingBox()];
      expect(box && asked && (asked.x + asked.width <= box.x || asked.x >= box.x + box.width)).toBe(true);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      expect(await figure.evaluate((node) => node === document.activeElement)).toBe(true);
    }));

  it("walks the map with arrows and lights the table", () =>
    at("/topology?kind=service&kind=database", async ({ page }) => {
      await page.locator("[data-node='service:production/shop/checkout']").focus();
      await page.keyboard.press("ArrowRight");
      const reached = (await page.evaluate("document.activeElement.dataset.node")) as string;
      expect(reached).toContain("service:production/shop/");
      expect(reached).not.toBe("service:production/shop/checkout");
      expect(await page.locator("tr.lit").getAttribute("data-row")).toBe(reached);
      await page.keyboard.press("Enter");
      await page.waitForURL("**sel=**");
      expect(await page.locator(".node.sel [data-node]").getAttribute("data-node")).toBe(reached);
    }));

  it("keeps the whole state in the address", () =>
    at("/topology?aggregate_by=team&environment=production", async ({ page }) => {
      await page.locator("[data-node='org:team/payments']").dblclick();
      await page.waitForURL("**unit=**");
      expect(new URL(page.url()).searchParams.get("unit")).toBe("org:team/payments");
      expect(new URL(page.url()).searchParams.get("environment")).toBe("production");
      await page.locator("nav a:has-text('Cost')").click();
      await page.waitForURL("**/cost**");
      expect(new URL(page.url()).searchParams.get("environment")).toBe("production");
      await page.goBack();
      await page.waitForURL("**/topology**");
    }));

  it("switches and keeps the theme", () =>
    at("/", async ({ page }) => {
      const theme = () => page.evaluate("document.documentElement.dataset.theme ?? 'auto'");
      expect(await theme()).toBe("auto");
      await page.keyboard.press("t");
      expect(await theme()).toBe("light");
      await page.keyboard.press("t");
      expect(await theme()).toBe("dark");
      await page.reload();
      expect(await theme()).toBe("dark");
    }));

  it("says that it looks at the past and leads back", () =>
    at("/topology?as_of=2026-11-14T02:10:00Z", async ({ page }) => {
      expect(await page.textContent(".banners")).toContain("You look at the past: Sat 14 Nov 2026, 02:10 UTC");
      await page.keyboard.press("l");
      await page.waitForURL((url) => !url.searchParams.has("as_of"));
      expect(await page.locator(".banners").count()).toBe(0);
    }));

  it("takes a file and says what became of it", () =>
    at("/ingest", async ({ page }) => {
      await page.locator("input[type=file]").setInputFiles({ name: "pods.json", mimeType: "application/json", buffer: Buffer.from("{}") });
      await page.waitForSelector("text=131,616 samples");
      await page.waitForSelector("a:has-text('Open')");
    }));

  it("shows grey blocks first, then the step and a way out, for a slow answer", () =>
    at("/cost", async ({ page }) => {
      const loading = page.locator("[role=status][aria-label='loading charges']");
      await loading.waitFor({ state: "attached" });
      await page.waitForTimeout(2_300);
      expect(await loading.textContent()).toContain("Reads charges, still at work");
      await page.waitForSelector("h2:has-text('By service')", { timeout: 15_000 });
    }, "slow"));

  it("names store, time and next try when there is no answer", () =>
    at("/system-metrics", async ({ page }) => {
      const text = (await page.textContent("main")) ?? "";
      for (const part of ["No answer.", "telemetry store refuses connections", "again every 30 s", "Retry now"]) expect(text).toContain(part);
    }, "error", { expects: [503] }));

  it("tells what to bring to an empty estate", () =>
    at("/", async ({ page }) => {
      const text = (await page.textContent("main")) ?? "";
      for (const part of ["No data yet", "Drop a file", "ubiquitous ingest --cluster", "FOCUS or CUR export", "0 of 16 ready"]) expect(text).toContain(part);
    }, "empty"));

  it("has sums whose shown parts add up to the shown total", () =>
    at("/cost?top=1000", async ({ page }) => {
      const cells = await page.locator("table[aria-label='Cost by service'] tbody tr td:nth-child(3)").allTextContents();
      const total = await page.locator("table[aria-label='Cost by service'] tfoot td:nth-child(3)").textContent();
      const number = (text: string | null) => Number((text ?? "").replace("\u2212", "-").replace(/[$,]/g, ""));
      expect(cells.length).toBe(11);
      expect(cells.reduce((sum, cell) => sum + number(cell), 0)).toBe(number(total));
    }));

  it("dismisses a candidate with a reason, by keyboard, and undoes it", () =>
    at("/savings?sel=savings:idle_nat_gateway:aws:123456789012/nat_gateway/nat-dev-use1", async ({ page }) => {
      await page.locator(".detail button:has-text('Dismiss it')").press("Enter");
      await page.keyboard.type("kept for the migration");
      await page.locator(".detail button:has-text('Put on record')").press("Enter");
      await page.waitForSelector("tr[data-row] >> nth=0");
      await page.locator("input[type=checkbox]").check();
      await page.waitForSelector(".detail .note:has-text('kept for the migration')");
      expect(await page.textContent(".detail .note")).toContain("Dismissed by k. osei");
      await page.locator(".detail .note .act").press("Enter");
      await page.keyboard.type("the migration is over");
      await page.locator(".detail button:has-text('Undo it')").press("Enter");
      await page.locator(".detail .note").waitFor({ state: "detached" });
    }));

  it("walks the matrix with arrows, says each cell and opens one", () =>
    at("/latency-heatmap?by=zone", async ({ page }) => {
      await page.locator("svg.matrix").focus();
      for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
      expect(await page.textContent(".readout")).toMatch(/^euw1-az2 to euw1-az2: /);
      await page.keyboard.press("Enter");
      await page.waitForURL("**sel=**");
      expect(await page.textContent(".detail h2")).toBe("euw1-az2 → euw1-az2");
    }));

  it("shows on the map what a failure takes down, and every path on hover", () =>
    at(`/dependency-map?sel=${PAYMENTS}`, async ({ page }) => {
      const classOf = (id: string) => page.locator(`.node:has([data-node='${id}'])`).getAttribute("class");
      await page.waitForSelector(".node.fails");
      expect(await classOf(PAYMENTS)).toContain("down");
      expect(await classOf("service:production/shop/checkout")).toContain("fails");
      expect(await classOf("service:production/shop/orders")).toContain("degrades");
      await page.locator("[data-node='service:production/shop/email']").hover();
      expect(await classOf("service:production/shop/partner-api")).not.toContain("dim");
      expect(await classOf("service:production/shop/search")).toContain("dim");
    }));

  it("leads from an entity to what follows without it", () =>
    at(`/entity?id=${PAYMENTS}`, async ({ page }) => {
      await page.locator("a:has-text('What if it fails')").click();
      await page.waitForURL("**/what-if?select=**");
      await settled(page);
      const cells = await page.locator("table[aria-label='What follows'] tbody tr").first().locator("td").allTextContents();
      expect(cells).toEqual(["Entries that fail", "3", "0"]);
    }));

  it("stays quick with five thousand services", () =>
    at("/dependency-map", async ({ page }) => {
      await page.waitForSelector("[data-node]");
      const spent = await page.evaluate(async () => {
        const worst: number[] = [];
        for (const node of [...document.querySelectorAll<SVGGElement>("[data-node]")].slice(0, 5)) {
          const start = performance.now();
          node.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          worst.push(performance.now() - start);
        }
        return worst.sort((a, b) => a - b)[Math.floor(worst.length / 2)] ?? 0;
      });
      expect(spent).toBeLessThan(100);
    }, "crowded"));
});
