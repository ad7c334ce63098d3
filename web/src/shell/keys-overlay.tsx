// `?`: every key there is.
import { Dialog } from "../parts/dialog";
import { usePages } from "./pages";

const KEYS: [string, string][] = [
  ["⌘K", "find pages and entities"],
  ["j k", "next and previous row"],
  ["Enter", "open the row"],
  ["e", "evidence of the panel in focus"],
  ["v", "table or picture"],
  ["[ ]", "window earlier or later"],
  ["l", "back to live"],
  ["r", "ask again"],
  ["t", "theme: system, light, dark"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

export function KeysOverlay({ onClose }: { onClose: () => void }) {
  const all = [...KEYS, ...usePages().map((page): [string, string] => [`g ${page.key}`, page.title.toLowerCase()])];
  return (
    <Dialog className="sheet" label="All keys" onClose={onClose}>
      <div className="pad">
        <div className="mb-2 flex items-baseline">
          <h2 className="text-16 font-semibold">Keys</h2>
          <button type="button" className="mut ml-auto" onClick={onClose} aria-label="Esc: close the keys">
            Esc
          </button>
        </div>
        <div className="keys">
          {all.map(([key, what]) => (
            <div key={key} className="contents">
              <span>{key.split(" ").map((one) => <kbd key={one} className="mr-1">{one}</kbd>)}</span>
              <span>{what}</span>
            </div>
          ))}
        </div>
        <p className="sub mt-3 text-ink-3">Arrows walk the map; on a phone everything is one tap away.</p>
      </div>
    </Dialog>
  );
}
