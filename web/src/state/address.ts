// The address holds the whole state of a page: plain keys, lists repeat the key.

export type Search = Record<string, string | string[]>;

/** What the context bar sets: it holds for the whole page and for the next one. */
export const CONTEXT_KEYS = ["unit", "environment", "account", "region", "cluster", "namespace", "window", "as_of"] as const;

export function parseSearch(text: string): Search {
  const search: Search = {};
  for (const [key, value] of new URLSearchParams(text)) {
    if (value === "") continue;
    const known = search[key];
    search[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return search;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(key, String(one));
    }
  }
  // Readable where the address allows it.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

export function one(search: Search, key: string): string | undefined {
  const value = search[key];
  return Array.isArray(value) ? value[0] : value;
}

export function many(search: Search, key: string): string[] {
  const value = search[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The part of the state that goes along to another page. */
export function contextOf(search: Search): Search {
  const kept: Search = {};
  for (const key of CONTEXT_KEYS) {
    const value = search[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/** The state with a change; `undefined` takes a key away. */
export function changed(search: Search, change: Record<string, string | string[] | undefined>): Search {
  const next: Search = { ...search };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) delete next[key];
    else next[key] = value;
  }
  return next;
}

const LENGTHS: Record<string, number> = { D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 };

/** Milliseconds of `PT15M` or `P7D`; nothing for a stated range. */
export function windowLength(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return undefined;
  const total = ["D", "H", "M", "S"].reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * LENGTHS[unit]!, 0);
  return total > 0 ? total : undefined;
}

/** The window moved by its own length: `-1` earlier, `1` later. */
export function movedWindow(from: string, to: string, steps: number): string {
  const start = new Date(from).getTime();
  const end = new Date(to).getTime();
  const by = (end - start) * steps;
  const text = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  return `${text(start + by)}/${text(end + by)}`;
}
