// The version of each answer that the page has, by the hash of its query: what the program calls its `ETag`.
export const versions = new Map<string, string>();

/** `W/"version"` → `version`. */
export function versionOf(tag: string | null): string | undefined {
  return /^W\/"([^"]+)"$/.exec(tag ?? "")?.[1];
}
