// ⌘K: pages, entities by any of their names, and actions.
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { useSearch } from "../api/queries";
import { middle, words } from "../format/number";
import { Dialog } from "../parts/dialog";
import { nextTheme, setTheme, useTheme } from "../state/theme";
import { useView } from "../state/view";
import { usePages } from "./pages";

interface Option {
  id: string;
  group: string;
  label: string;
  kind?: string;
  hint?: string;
  run: () => void;
}

export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const view = useView();
  const theme = useTheme();
  const pages = usePages();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(text.trim());
  const search = useSearch(asked);
  const wanted = text.trim().toLowerCase();
  const options: Option[] = [];
  for (const page of pages) {
    if (wanted === "" || page.title.toLowerCase().includes(wanted)) {
      options.push({ id: page.path, group: "Pages", label: page.title, hint: `g ${page.key}`, run: () => view.go(page.path) });
    }
  }
  if (asked.length >= 2) {
    for (const match of search.data?.matches ?? []) {
      options.push({
        id: match.id, group: "Entities", label: match.name, kind: words(match.kind), hint: match.matched ?? middle(match.id, 44),
        run: () => view.go("/entity", { id: match.id }),
      });
    }
  }
  const actions: [string, string, () => void][] = [
    ["Switch theme", "t", () => setTheme(nextTheme(theme))],
    ["Back to live", "l", () => view.set({ as_of: undefined })],
    ["All keys", "?", onKeys],
  ];
  for (const [label, hint, run] of actions) {
    if (wanted === "" || label.toLowerCase().includes(wanted)) options.push({ id: label, group: "Actions", label, hint, run });
  }
  const chosen = Math.min(at, options.length - 1);
  const run = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.run();
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : options.length - 1;
      setAt((chosen + step) % Math.max(1, options.length));
      document.getElementById(`find-${(chosen + step) % Math.max(1, options.length)}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(options[chosen]);
    }
  };
  const isSearching = asked.length >= 2 && search.isFetching;
  const hasEntities = options.some((option) => option.group === "Entities");
  return (
    <Dialog className="sheet" label="Find" onClose={onClose}>
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="find-list"
        aria-activedescendant={chosen >= 0 ? `find-${chosen}` : undefined}
        aria-label="Find pages, entities and actions"
        placeholder="A page, or a name, id, host, address or label"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={walk}
      />
      <div className="list" id="find-list" role="listbox" aria-label="Found">
        {options.map((option, index) => (
          <div key={`${option.group}-${option.id}`} role="presentation">
            {option.group !== options[index - 1]?.group && <div className="group" role="presentation">{option.group}</div>}
            <div id={`find-${index}`} role="option" aria-selected={index === chosen} className="opt" onPointerMove={() => setAt(index)} onClick={() => run(option)}>
              <span>{option.label}</span>
              {option.kind && <span className="mut text-12">{option.kind}</span>}
              {option.hint && <span className="m">{option.hint}</span>}
            </div>
          </div>
        ))}
      </div>
      <p className="px-4 py-2 text-11 text-ink-3 border-t border-line" role="status">
        {isSearching ? "Searching" : asked.length < 2 ? "Two letters or more search the estate" : search.error ? "Search gives no answer" : hasEntities ? `${search.data?.matches.length} entities` : `Nothing is called “${asked}”`}
      </p>
    </Dialog>
  );
}
