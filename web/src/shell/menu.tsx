// One control of the context bar: a button with its menu of choices and a field for another value.
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

export interface Choice {
  value: string | undefined;
  label: string;
  hint?: string;
}

export interface MenuProps {
  title: string;
  shown: string;
  choices: Choice[];
  current: string | undefined;
  onChoose: (value: string | undefined) => void;
  /** The field for a value that no choice has. */
  custom?: (done: (value: string | undefined) => void) => ReactNode;
}

export function Menu({ title, shown, choices, current, onChoose, custom }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    const first = box.current?.querySelector<HTMLElement>(".item[aria-checked=true], .item, input");
    first?.focus();
    const away = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    window.addEventListener("pointerdown", away);
    return () => window.removeEventListener("pointerdown", away);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (value: string | undefined) => {
    onChoose(value);
    close();
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const items = [...(box.current?.querySelectorAll<HTMLElement>(".item") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
  };
  return (
    <div className="relative" ref={box}>
      <button ref={button} type="button" className="ctl" aria-haspopup="menu" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        <span className="k">{title}</span>
        <b>{shown}</b>
        <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
          <path d="M1 2.5 4 5.5 7 2.5" fill="none" stroke="currentColor" strokeWidth="1.2" />
        </svg>
      </button>
      {isOpen && (
        <div className="menu" id={id} onKeyDown={walk}>
          <div role="menu" aria-label={title} className="max-h-80 overflow-y-auto">
            {choices.map((choice) => (
              <button key={choice.label} type="button" role="menuitemradio" aria-checked={choice.value === current} className="item" onClick={() => choose(choice.value)}>
                <span>{choice.label}</span>
                {choice.hint && <span className="mut ml-auto">{choice.hint}</span>}
              </button>
            ))}
          </div>
          {custom?.(choose)}
        </div>
      )}
    </div>
  );
}
