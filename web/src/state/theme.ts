// Light, dark or as the system prefers; `t` goes round.
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";
const KEY = "ubiquitous-theme";
const listeners = new Set<() => void>();

function read(): Theme {
  const stated = document.documentElement.dataset.theme;
  return stated === "dark" || stated === "light" ? stated : "auto";
}

export function setTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden; the theme then holds until the page is left.
  }
  for (const listener of listeners) listener();
}

/** From what is seen now to the other; a third step returns to the system's preference. */
export function nextTheme(theme: Theme): Theme {
  return theme === "auto" ? "light" : theme === "light" ? "dark" : "auto";
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read,
    () => "auto" as Theme,
  );
}
