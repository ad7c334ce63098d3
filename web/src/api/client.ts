// One way to the program: same origin, JSON, problems as errors.
import type { Problem } from "./types";

export class ProblemError extends Error {
  readonly problem: Problem;
  readonly at: Date;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ProblemError";
    this.problem = problem;
    this.at = new Date();
  }
}

export type Params = Record<string, string | number | boolean | string[] | null | undefined>;

/** The query string of parameters: lists repeat the key, what is absent or empty is left out. */
export function queryOf(params: Params): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one !== null && one !== undefined && one !== "") query.append(key, String(one));
    }
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

async function problemOf(response: Response): Promise<ProblemError> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    return new ProblemError({ title: response.statusText || "no answer", ...body, status: response.status });
  } catch {
    return new ProblemError({ title: response.statusText || "no answer", status: response.status });
  }
}

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    // A page of another site cannot send this header, so what changes something comes from ours.
    const headers = { ...init.headers, "x-ubiquitous-request": "dashboard" };
    return await fetch(path, init.method === "POST" ? { ...init, headers } : init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ProblemError({
      title: "the program cannot be reached",
      status: 0,
      detail: "the program does not answer on this address; is `ubiquitous serve` still running?",
    });
  }
}

export async function getJson<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return (await getTagged<T>(path, params, signal)).body;
}

/** The same with its `ETag`. */
export async function getTagged<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<{ body: T; tag: string | null }> {
  const init: RequestInit = { headers: { accept: "application/json" } };
  if (signal) init.signal = signal;
  const response = await settled(await reached(`${path}${queryOf(params)}`, init), init);
  if (!response.ok) throw await problemOf(response);
  return { body: (await response.json()) as T, tag: response.headers.get("etag") };
}

/** The answer itself: one that is worked out in the background is waited for at the address it will have. */
async function settled(first: Response, init: RequestInit): Promise<Response> {
  let response = first;
  while (response.status === 202) {
    const job = (await response.json()) as { result: string };
    response = await reached(`${job.result}?wait=30`, init);
  }
  return response;
}

export async function postFile<T>(path: string, params: Params, body: Blob): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/octet-stream" };
  const response = await reached(`${path}${queryOf(params)}`, { method: "POST", headers, body });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await reached(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

export async function postNothing(path: string): Promise<void> {
  const response = await reached(path, { method: "POST" });
  if (!response.ok) throw await problemOf(response);
}
