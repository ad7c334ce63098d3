// Every page in both themes, wide and narrow, in every state: no console error, no request off
// loopback, no serious accessibility finding, nothing that scrolls sideways.
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixtures, type Variant } from "../fixtures/server";
import { chromiumPath, openBrowser, openPage, settled } from "./browser";
import { PAGES } from "./pages";

const hasBrowser = chromiumPath() !== undefined;
const why = hasBrowser ? "" : " [skipped: Chromium is missing]";

/** Axe runs from the test's own world, since the page's policy lets no other script in. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as axe.AxeResults;
  return results.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.failureSummary?.split("\n")[1]?.trim() ?? ""})`).join("; ")}`);
}

const isSideways = (page: Page): Promise<boolean> => page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");

const EXPECTED: Partial<Record<Variant, number[]>> = { error: [503], empty: [404] };
/** Where the narrow layout differs; elsewhere the wide one tells. */
const WIDTHS: Partial<Record<Variant, number[]>> = { normal: [1440, 390], crowded: [1440, 390], empty: [1440, 390] };
const VARIANTS: Variant[] = ["normal", "crowded", "empty", "stale", "error", "demonstration"];

/** Goes to every page and says what is wrong there. */
async function tour(browser: Browser, address: string, variant: Variant, theme: "light" | "dark", width: number): Promise<string[]> {
  const wrong: string[] = [];
  const { page, errors, close } = await openPage(browser, { theme, width, height: width === 390 ? 844 : 900, expects: EXPECTED[variant] ?? [] });
  for (const [name, path] of PAGES) {
    const where = `${name} ${variant} ${theme} ${width}`;
    await page.goto(address + path);
    await settled(page);
    wrong.push(...errors.splice(0).map((error) => `${where}: ${error}`));
    if (await isSideways(page)) wrong.push(`${where}: scrolls sideways`);
    // Narrow pages are the same content, and dark ones differ from light ones in colour only.
    if (width === 1440 && (theme === "light" || variant === "normal" || variant === "error")) wrong.push(...(await seriousFindings(page)).map((finding) => `${where}: ${finding}`));
  }
  await close();
  return wrong;
}

describe.skipIf(!hasBrowser)(`pages${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  for (const variant of VARIANTS) {
    for (const theme of ["light", "dark"] as const) {
      for (const width of WIDTHS[variant] ?? [1440]) {
        it(`stand in state ${variant}, ${theme}, ${width} wide`, { timeout: 240_000 }, async () => {
          const fixtures = await startFixtures(variant);
          try {
            expect(await tour(browser, fixtures.url, variant, theme, width)).toEqual([]);
          } finally {
            await fixtures.stop();
          }
        });
      }
    }
  }
});
