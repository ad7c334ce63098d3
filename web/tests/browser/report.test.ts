// The executive report: one walks from the organisation to a unit and a service and back, and it prints
// on one sheet of either paper.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixtures } from "../fixtures/server";
import { chromiumPath, openBrowser, openPage, settled } from "./browser";

const hasBrowser = chromiumPath() !== undefined;
const why = hasBrowser ? "" : " [skipped: Chromium is missing]";

describe.skipIf(!hasBrowser)(`the executive report${why}`, () => {
  let browser: Browser;
  let fixtures: Awaited<ReturnType<typeof startFixtures>>;
  beforeAll(async () => {
    browser = await openBrowser();
    fixtures = await startFixtures("normal");
  });
  afterAll(async () => {
    await browser?.close();
    await fixtures?.stop();
  });

  it("leads down to a service and back, and keeps the depth", async () => {
    const { page, errors, close } = await openPage(browser);
    await page.goto(`${fixtures.url}/executive?depth=director`);
    await settled(page);
    await page.getByRole("link", { name: "Storefront" }).click();
    await settled(page);
    const unit = new URL(page.url());
    expect([unit.pathname, unit.searchParams.get("unit"), unit.searchParams.get("depth")]).toEqual(["/executive", "org:unit/storefront", "director"]);
    await page.getByRole("link", { name: "payments", exact: true }).first().click();
    await page.waitForURL(/\/service\?/);
    await page.goBack();
    await settled(page);
    await page.getByRole("link", { name: "Everything in view" }).click();
    await settled(page);
    expect(new URL(page.url()).searchParams.get("unit")).toBeNull();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Larkfield: dashboard");
    expect(errors).toEqual([]);
    await close();
  });

  it("shows the question behind a figure", async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${fixtures.url}/executive`);
    await settled(page);
    await page.getByRole("button", { name: "$231,480" }).first().click();
    const drawer = page.getByRole("dialog");
    expect(await drawer.innerText()).toContain("ubiquitous ask cost-analysis");
    expect(await drawer.innerText()).toContain("/currencies/0/spend");
    await close();
  });

  for (const [paper, size] of [["a4", [595, 842]], ["letter", [612, 792]]] as const) {
    it(`prints on one sheet of ${paper}`, async () => {
      const { page, close } = await openPage(browser);
      await page.goto(`${fixtures.url}/executive?paper=${paper}`);
      await settled(page);
      const text = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      const boxes = [...text.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)].map((box) => [Math.round(Number(box[1])), Math.round(Number(box[2]))]);
      expect(boxes).toEqual([[...size]]);
      await close();
    });
  }
});
