// Figures as people read them: a digit more than the decision needs is noise.

export const MINUS = "\u2212";
export const NO_BREAK = "\u00a0";

function grouped(value: number, decimals: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** With the true minus, and no minus before a rounded zero. */
export function fixed(value: number, decimals: number): string {
  const text = grouped(Math.abs(value), decimals);
  const isZero = !/[1-9]/.test(text);
  return value < 0 && !isZero ? MINUS + text : text;
}

export function count(value: number): string {
  return fixed(Math.round(value), 0);
}

/** Three significant digits, without exponent for what people meet. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return "0";
  const size = Math.abs(value);
  if (size < 1e-6) return (value < 0 ? MINUS : "") + size.toExponential(digits - 1).replace("-", MINUS);
  const exponent = Math.floor(Math.log10(Number(size.toPrecision(digits))));
  const decimals = Math.max(0, digits - 1 - exponent);
  const rounded = Number(size.toPrecision(digits));
  const text = fixed(rounded, Math.min(decimals, 9));
  return value < 0 ? MINUS + text : text;
}

function scaled(value: number, steps: [number, string][]): string {
  const size = Math.abs(value);
  const [factor, unit] = steps.find(([least]) => size >= least) ?? steps[steps.length - 1]!;
  return `${significant(value / factor)}${NO_BREAK}${unit}`;
}

const BYTES: [number, string][] = [
  [1024 ** 4, "TiB"],
  [1024 ** 3, "GiB"],
  [1024 ** 2, "MiB"],
  [1024, "KiB"],
  [1, "B"],
];
const SECONDS: [number, string][] = [
  [172_800, "d"],
  [7_200, "h"],
  [120, "min"],
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
].map(([least, unit]) => [least as number, unit as string]);
const SECOND_FACTORS: Record<string, number> = { d: 86_400, h: 3_600, min: 60, s: 1, ms: 1e-3, µs: 1e-6 };

function duration(value: number): string {
  if (value === 0) return `0${NO_BREAK}s`;
  const unit = (SECONDS.find(([least]) => Math.abs(value) >= least) ?? SECONDS[SECONDS.length - 1]!)[1];
  return `${significant(value / SECOND_FACTORS[unit]!)}${NO_BREAK}${unit}`;
}

export function ratio(value: number, decimals = 1): string {
  return `${fixed(value * 100, decimals)}${NO_BREAK}%`;
}

/** How a unit is read: UCUM's `{request}` is an annotation, and a count has no unit. */
export function unitText(unit: string): string {
  return unit.replace(/^count(?=\/|$)/, "").replaceAll(/[{}]/g, "");
}

/** A figure without digits that say nothing, for axes and limits: `6 /s`, `5 min`, `1 %`. */
export function brief(text: string): string {
  return text.replace(/(\.\d*?)0+(?!\d)/, (_, kept: string) => (kept === "." ? "" : kept));
}

/** A figure with its unit as the model names it (UCUM or plain words). */
export function withUnit(value: number, unit: string): string {
  switch (unit) {
    case "1":
      return ratio(value);
    case "s":
      return duration(value);
    case "By":
      return scaled(value, BYTES);
    case "By/s":
      return `${scaled(value, BYTES)}/s`;
    case "count":
    case "":
      return Number.isInteger(value) ? count(value) : significant(value);
    default:
      return `${significant(value)}${NO_BREAK}${unitText(unit)}`.trimEnd();
  }
}

export function signed(text: string, value: number): string {
  return value > 0 && !text.startsWith("+") ? `+${text}` : text;
}

const SYMBOLS: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };

/** Money: whole from 1,000, or where its column is; cents below; tiny sums keep two significant digits. */
export function money(amount: string | number, currency: string, isWhole = false): string {
  const value = Number(amount);
  const size = Math.abs(value);
  const digits =
    size >= 1_000 || value === 0 || isWhole ? fixed(size, 0) : size >= 0.01 ? fixed(size, 2) : significant(size, 2);
  const symbol = SYMBOLS[currency];
  const text = symbol ? `${symbol}${digits}` : `${digits}${NO_BREAK}${currency}`;
  return value < 0 && /[1-9]/.test(digits) ? MINUS + text : text;
}

/** Money for an axis: `$450k`. */
export function moneyShort(value: number, currency: string): string {
  const symbol = SYMBOLS[currency] ?? "";
  const size = Math.abs(value);
  const steps: [number, string][] = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];
  const step = steps.find(([least]) => size >= least);
  const digits = step ? `${trimmed(size / step[0])}${step[1]}` : trimmed(size);
  return `${value < 0 ? MINUS : ""}${symbol}${digits}${symbol ? "" : `${NO_BREAK}${currency}`}`;
}

function trimmed(value: number): string {
  return significant(value).replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** `12 pods`, `1 kubernetes node`, `3 availability zones`: a kind of thing, counted. */
export function counted(number: number, kind: string): string {
  return `${count(number)} ${number === 1 ? words(kind) : manyOf(kind)}`;
}

export function manyOf(kind: string): string {
  const text = words(kind);
  if (/[^aeiou]y$/.test(text)) return `${text.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(text) ? (text.endsWith("ss") || /(x|ch|sh)$/.test(text) ? `${text}es` : text) : `${text}s`;
}

/** `kubernetes_node` as words. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** With a capital, for titles. */
export function titled(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The part of an id that names the thing: `org://team/payments` as `payments`. */
export function lastPart(id: string): string {
  return id.split(/[:/]/).findLast((part) => part !== "") ?? id;
}

/** Names that tell things apart: what shares a name with another is followed by where it is. */
export function distinctNames(things: readonly { id: string; name: string }[]): Map<string, string> {
  const seen = new Map<string, number>();
  for (const one of things) seen.set(one.name, (seen.get(one.name) ?? 0) + 1);
  const place = (id: string) => id.replace(/^[\w.+-]+:\/*/, "").split(/[/:]/).filter((part) => part !== "").slice(0, -1).join("/");
  return new Map(things.map((one) => [one.id, (seen.get(one.name) ?? 0) > 1 && place(one.id) !== "" ? `${one.name} · ${place(one.id)}` : one.name]));
}

/** A path whose end tells, cut at its beginning. */
export function tail(text: string, most = 40): string {
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

/** An id cut in the middle, since both ends tell. */
export function middle(text: string, most = 40): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}
