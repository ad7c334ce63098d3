// One Chromium for a test file, watched for errors and for requests that leave loopback.
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Where Chromium is; nothing when there is none, so that tests can be skipped by name. */
export function chromiumPath(): string | undefined {
  return PLACES.find((path): path is string => path !== undefined && path !== "" && existsSync(path));
}

export async function openBrowser(): Promise<Browser> {
  const path = chromiumPath();
  if (!path) throw new Error("Chromium is missing; set CHROMIUM to its path");
  return chromium.launch({ executablePath: path, args: ARGS, headless: true });
}

export interface Watched {
  page: Page;
  errors: string[];
  close: () => Promise<void>;
}

export interface Look {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Statuses that the page is meant to meet; the browser writes a console error for each. */
  expects?: number[];
}

export async function openPage(browser: Browser, look: Look = {}): Promise<Watched> {
  const { theme = "light", width = 1440, height = 900, expects = [] } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, timezoneId: "UTC", locale: "en-GB", reducedMotion: "reduce", hasTouch: width < 768 });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    const isMeant = expects.some((status) => message.text().includes(`status of ${status}`));
    if (message.type() === "error" && !isMeant) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") errors.push(`a request left loopback: ${request.url()}`);
  });
  return { page, errors, close: () => context.close() };
}

/** Waits until nothing is asked any more and nothing is loading. */
export async function settled(page: Page): Promise<void> {
  const isStill = await page.evaluate(async () => {
    const isQuiet = () => document.querySelector("main h1, main p") !== null && !document.querySelector('[role="status"][aria-label^="loading"], [aria-busy="true"]');
    // Still for three looks in a row: an answer may lead to the next question.
    for (let still = 0, looks = 0; looks < 400; looks++) {
      await new Promise((done) => setTimeout(done, 30));
      still = isQuiet() ? still + 1 : 0;
      if (still === 3) return true;
    }
    return false;
  });
  if (!isStill) throw new Error(`${page.url()} does not come to rest`);
}
