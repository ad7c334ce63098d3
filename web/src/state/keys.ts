// Keys of the whole dashboard. Typing in a field never triggers one.
import { useEffect, useRef } from "react";

export type KeyActions = Record<string, (event: KeyboardEvent) => void>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Binds keys; `g x` are two strokes within a second. `mod+k` is ⌘K or Ctrl-K. */
export function useKeys(actions: KeyActions): void {
  const kept = useRef(actions);
  kept.current = actions;
  useEffect(() => {
    let first = { key: "", at: 0 };
    const listen = (event: KeyboardEvent) => {
      const isPalette = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k";
      if (isPalette) {
        if (kept.current["mod+k"]) {
          event.preventDefault();
          kept.current["mod+k"](event);
        }
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || event.defaultPrevented) return;
      if (document.querySelector("dialog[open]")) return;
      const isSecond = first.key === "g" && performance.now() - first.at < 1_000;
      const name = isSecond ? `g ${event.key}` : event.key;
      first = { key: !isSecond && event.key === "g" ? "g" : "", at: performance.now() };
      const action = kept.current[name];
      if (action) {
        event.preventDefault();
        action(event);
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
