// Pictures of every page for people to look at: npm run screens, then open screenshots/.
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, it } from "vitest";
import type { Browser } from "playwright-core";
import { startFixtures, type Variant } from "../fixtures/server";
import { openBrowser, openPage, settled } from "./browser";
import { PAGES } from "./pages";

const OUT = new URL("../../screenshots/", import.meta.url).pathname;
const only = process.env.SCREENS?.split(",");
let browser: Browser;
beforeAll(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const variants: Variant[] = ["normal", "empty", "crowded", "stale", "error", "demonstration"];
for (const variant of variants) {
  it(variant, { timeout: 300_000 }, async () => {
    const fixtures = await startFixtures(variant);
    for (const [name, path] of PAGES) {
      for (const theme of ["light", "dark"] as const) {
        for (const width of [1440, 390]) {
          const file = `${name}-${variant}-${theme}-${width}`;
          if (only && !only.some((one) => file.includes(one))) continue;
          const { page, close } = await openPage(browser, { theme, width, height: width === 390 ? 844 : 900 });
          await page.goto(fixtures.url + path);
          await settled(page);
          await page.screenshot({ path: `${OUT}${file}.png`, fullPage: true });
          await close();
        }
      }
    }
    await fixtures.stop();
  });
}
