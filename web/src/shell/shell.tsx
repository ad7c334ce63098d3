// The frame: navigation, context bar, banners, page, and what floats above them.
import { useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { Suspense, useCallback, useEffect, useRef, useState } from "react";
import type { Envelope } from "../api/types";
import { Evidence } from "../parts/evidence";
import { Fence } from "../parts/panel";
import { movedWindow } from "../state/address";
import { EvidenceContext, type EvidenceOf } from "../state/evidence";
import { useKeys } from "../state/keys";
import { showChanges, useFollowing } from "../state/live";
import { nextTheme, setTheme, useTheme } from "../state/theme";
import { useView } from "../state/view";
import { Banners } from "./banners";
import { ContextBar } from "./context-bar";
import { KeysOverlay } from "./keys-overlay";
import { Nav } from "./nav";
import { PAGES, usePages } from "./pages";
import { Palette } from "./palette";

type Float = "palette" | "keys" | null;
const DRAWER = 436;

/** The evidence of the panel in focus, else of the first panel. */
function openEvidence(): void {
  const panel = document.activeElement?.closest(".panel, .strip");
  const button = (panel ?? document).querySelector<HTMLButtonElement>("[data-evidence], .src .whole, .num");
  button?.focus();
  button?.click();
}

export function Shell() {
  const view = useView();
  const client = useQueryClient();
  const theme = useTheme();
  useFollowing(client);
  const [float, setFloat] = useState<Float>(null);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [evidence, setEvidence] = useState<{ of: EvidenceOf; isLeft: boolean } | null>(null);
  const main = useRef<HTMLElement>(null);
  const pages = usePages();
  const show = useCallback((of: EvidenceOf, from: Element) => {
    const box = from.getBoundingClientRect();
    // The drawer never covers the figure asked about.
    setEvidence({ of, isLeft: box.right > window.innerWidth - DRAWER && box.left > DRAWER });
  }, []);
  const move = (steps: number) => {
    const answers = client.getQueryCache().findAll({ queryKey: ["answer"], type: "active" });
    const found = answers.map((query) => (query.state.data as Envelope<unknown> | undefined)?.window).find(Boolean);
    if (found) view.set({ window: movedWindow(found.from, found.to, steps) });
  };
  useKeys({
    "mod+k": () => setFloat("palette"),
    "?": () => setFloat("keys"),
    t: () => setTheme(nextTheme(theme)),
    l: () => view.set({ as_of: undefined }),
    r: () => showChanges(client),
    e: openEvidence,
    "[": () => move(-1),
    "]": () => move(1),
    j: () => document.querySelector<HTMLElement>("tr[tabindex='0']")?.focus(),
    ...Object.fromEntries(pages.map((page) => [`g ${page.key}`, () => view.go(page.path)])),
  });
  useEffect(() => {
    setMenuOpen(false);
    setEvidence(null);
    const page = PAGES.find((one) => one.path === view.path);
    document.title = page && page.path !== "/" ? `${page.title} – Ubiquitous` : "Ubiquitous";
  }, [view.path]);
  return (
    <EvidenceContext value={show}>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        To the page
      </a>
      <div className="app">
        <Nav isOpen={isMenuOpen} onGo={() => setMenuOpen(false)} onKeys={() => setFloat("keys")} />
        <div className="min-w-0">
          <ContextBar onFind={() => setFloat("palette")} onMenu={() => setMenuOpen(!isMenuOpen)} isMenuOpen={isMenuOpen} />
          <Banners />
          <main className="main" id="main" ref={main} tabIndex={-1}>
            <Fence title="page">
              <Suspense fallback={null}>
                <Outlet />
              </Suspense>
            </Fence>
          </main>
        </div>
      </div>
      {float === "palette" && <Palette onClose={() => setFloat(null)} onKeys={() => setFloat("keys")} />}
      {float === "keys" && <KeysOverlay onClose={() => setFloat(null)} />}
      {evidence && (
        <Evidence evidence={evidence.of} isLeft={evidence.isLeft} onClose={() => setEvidence(null)} onPin={(at) => { setEvidence(null); view.set({ as_of: at }); }} />
      )}
    </EvidenceContext>
  );
}
