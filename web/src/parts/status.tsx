// The status language: glyph, word, then colour.

export type StatusWord = "healthy" | "warning" | "critical" | "unknown" | "degraded" | "off";

export const STATUS_ORDER: StatusWord[] = ["critical", "warning", "unknown", "degraded", "healthy", "off"];

export function statusRank(word: string): number {
  const rank = STATUS_ORDER.indexOf(word as StatusWord);
  return rank < 0 ? STATUS_ORDER.length : rank;
}

function Shape({ word }: { word: string }) {
  switch (word) {
    case "healthy":
      return <circle cx="5" cy="5" r="3.5" className="c-ok" />;
    case "warning":
      return <path d="M5 .8 9.6 9H.4Z" className="c-warn" />;
    case "critical":
      return <path d="M5 0 10 5 5 10 0 5Z" className="c-crit" />;
    case "degraded":
      return (
        <>
          <path d="M1.5 5a3.5 3.5 0 1 1 7 0Z" className="c-warn" />
          <circle cx="5" cy="5" r="3.5" fill="none" className="k-warn" strokeWidth="1.2" />
        </>
      );
    case "off":
      return <path d="M1.5 5H8.5" className="k-unk" strokeWidth="1.6" />;
    default:
      return <circle cx="5" cy="5" r="3.6" fill="none" className="k-unk" strokeWidth="1.4" strokeDasharray="2 1.6" />;
  }
}

/** The glyph; alone it carries the word as its name. */
export function Glyph({ word, alone = false }: { word: string; alone?: boolean }) {
  const named = alone ? { role: "img", "aria-label": word } : { "aria-hidden": true };
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" {...named}>
      <Shape word={word} />
    </svg>
  );
}

/** The glyph inside another picture. */
export function GlyphAt({ word, x, y }: { word: string; x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <Shape word={word} />
    </g>
  );
}

export function Status({ word }: { word: string }) {
  return (
    <span className="st">
      <Glyph word={word} />
      {word}
    </span>
  );
}
