// Every page in every state, in both themes, wide and narrow: no console error, no request off
// loopback, no serious accessibility finding, nothing that scrolls sideways. A page is loaded once a
// state and once more where it is narrow; the themes change under it, as they do for a reader.
import { availableParallelism } from "node:os";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixtures, type Variant } from "../fixtures/server";
import { chromiumPath, openBrowser, openPage, settled, type Look } from "./browser";
import { PAGES } from "./pages";

const hasBrowser = chromiumPath() !== undefined;
const why = hasBrowser ? "" : " [skipped: Chromium is missing]";

const EXPECTED: Partial<Record<Variant, number[]>> = { error: [503], empty: [404] };
const VARIANTS: Variant[] = ["normal", "crowded", "empty", "stale", "error", "demonstration"];
/** Where the narrow layout differs; elsewhere the wide one tells. */
const NARROW: Variant[] = ["normal", "crowded", "empty"];
/** Where colours stand that the light theme alone does not prove. */
const DARK: Variant[] = ["normal", "error"];
/** What these states add to the page of the normal state, which is checked whole. */
const ADDED: Partial<Record<Variant, string[]>> = { stale: [".bar", ".note", ".head"], demonstration: [".bar", ".banners", ".head"] };
/** Rows, marks and nodes after these repeat what stands before them. */
const REPEATED = ["tbody tr:nth-child(n+24)", ".narrow-only > :nth-child(n+12)", ".map .node:nth-of-type(n+40)", ".map .edge:nth-of-type(n+40)"];
const TABS = Math.max(2, Math.min(4, availableParallelism()));

/** Axe runs from the test's own world, since the page's policy lets no other script in. */
async function seriousFindings(page: Page, variant: Variant, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(axe.source);
  const asked = { added: ADDED[variant] ?? [], repeated: variant === "normal" ? [] : REPEATED, rules: rules ?? [] };
  const results = await page.evaluate(async ({ added, repeated, rules: only }) => {
    const present = (selectors: string[]) => selectors.filter((one) => document.querySelector(one)).map((one) => [one]);
    const context = { ...(added.length > 0 ? { include: present(added) } : {}), exclude: present(repeated) };
    const run = (window as unknown as { axe: typeof axe }).axe.run;
    return run(context as never, { resultTypes: ["violations"], preload: false, ...(only.length > 0 ? { runOnly: only } : {}) });
  }, asked);
  return results.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.failureSummary?.split("\n")[1]?.trim() ?? ""})`).join("; ")}`);
}

const isSideways = (page: Page): Promise<boolean> => page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");

interface Tab {
  page: Page;
  errors: string[];
}

async function wide({ page, errors }: Tab, variant: Variant, name: string): Promise<string[]> {
  const wrong: string[] = [];
  const say = (theme: string, all: string[]) => wrong.push(...all.map((one) => `${name} ${variant} ${theme} 1440: ${one}`));
  say("light", errors.splice(0));
  if (await isSideways(page)) say("light", ["scrolls sideways"]);
  say("light", await seriousFindings(page, variant));
  await page.emulateMedia({ colorScheme: "dark" });
  // A theme changes colours and nothing else.
  if (DARK.includes(variant)) say("dark", await seriousFindings(page, variant, ["color-contrast"]));
  say("dark", errors.splice(0));
  await page.emulateMedia({ colorScheme: "light" });
  return wrong;
}

async function narrow({ page, errors }: Tab, variant: Variant, name: string): Promise<string[]> {
  const wrong = errors.splice(0);
  if (await isSideways(page)) wrong.push("scrolls sideways");
  return wrong.map((one) => `${name} ${variant} 390: ${one}`);
}

/** Goes to every page, in several tabs at once, and says what is wrong there. */
async function tour(browser: Browser, address: string, variant: Variant, look: Look, check: (tab: Tab, variant: Variant, name: string) => Promise<string[]>): Promise<string[]> {
  const wrong: string[] = [];
  const waiting = [...PAGES];
  const walk = async () => {
    const { page, errors, close } = await openPage(browser, { ...look, expects: EXPECTED[variant] ?? [] });
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, path] = next;
      await page.goto(address + path);
      await settled(page);
      wrong.push(...(await check({ page, errors }, variant, name)));
    }
    await close();
  };
  await Promise.all(Array.from({ length: TABS }, walk));
  return wrong.sort();
}

describe.skipIf(!hasBrowser)(`pages${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  for (const variant of VARIANTS) {
    it(`stand in state ${variant}`, { timeout: 480_000 }, async () => {
      const fixtures = await startFixtures(variant);
      try {
        expect(await tour(browser, fixtures.url, variant, { width: 1440, height: 900 }, wide)).toEqual([]);
        if (NARROW.includes(variant)) expect(await tour(browser, fixtures.url, variant, { width: 390, height: 844 }, narrow)).toEqual([]);
      } finally {
        await fixtures.stop();
      }
    });
  }
});
