// Parts of one page: which is open stands in the address, so that a link leads to it.
import type { ReactNode } from "react";
import { useView } from "../state/view";

export interface TabDef {
  key: string;
  title: string;
  /** How many, or a few words. */
  note?: ReactNode;
}

export function useTab(tabs: readonly TabDef[], name = "tab"): string {
  const view = useView();
  const chosen = view.get(name);
  return tabs.some((tab) => tab.key === chosen) ? (chosen ?? "") : (tabs[0]?.key ?? "");
}

export function Tabs({ tabs, label, name = "tab" }: { tabs: readonly TabDef[]; label: string; name?: string }) {
  const view = useView();
  const open = useTab(tabs, name);
  return (
    <div className="tabs noprint" role="group" aria-label={label}>
      {tabs.map((tab, index) => (
        <button key={tab.key} type="button" aria-pressed={tab.key === open} onClick={() => view.set({ [name]: index === 0 ? undefined : tab.key, sel: undefined })}>
          {tab.title}
          {tab.note !== undefined && <span className="n">{tab.note}</span>}
        </button>
      ))}
    </div>
  );
}
