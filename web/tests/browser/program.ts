// The program itself, running for a test file.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chromiumPath } from "./browser";

export const program = process.env.UBIQUITOUS_BIN ?? "";
export const hasAll = chromiumPath() !== undefined && existsSync(program);
export const why = hasAll ? "" : chromiumPath() === undefined ? " [skipped: Chromium is missing]" : " [skipped: UBIQUITOUS_BIN names no program]";

export interface Running {
  child: ChildProcess;
  url: string;
}

/** Starts the program on a free port of its own and gives its address. */
export async function started(folder: string, environment: Record<string, string> = {}): Promise<Running> {
  const child = spawn(program, ["--data-dir", folder, "serve", "--bind", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
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
    setTimeout(() => failed(new Error(`the program did not say where it serves: ${said.slice(0, 2_000)}`)), 20_000).unref();
  });
  return { child, url };
}

/** Ends it, if it was started. */
export async function stopped(running: Running | undefined): Promise<void> {
  const { child } = running ?? {};
  if (!child || child.exitCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const slow = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(slow);
}
