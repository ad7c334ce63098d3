// Instants as people read them: 24 h clock, the day only where it is not today, the zone in the bar.
import { NO_BREAK } from "./number";

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: string;
  minute: string;
  second: string;
  weekday: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: Date, zone: string): Parts {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "2-digit", minute: "2-digit", second: "2-digit", weekday: "short",
    });
    formats.set(zone, format);
  }
  const by = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  return {
    year: Number(by.year), month: Number(by.month), day: Number(by.day),
    hour: by.hour ?? "00", minute: by.minute ?? "00", second: by.second ?? "00", weekday: by.weekday ?? "",
  };
}

function isSameDay(a: Parts, b: Parts): boolean {
  return a.year === b.year && a.month === b.month && a.day === b.day;
}

function day(parts: Parts, now: Parts): string {
  const text = `${parts.day}${NO_BREAK}${MONTHS[parts.month - 1]}`;
  return parts.year === now.year ? text : `${text}${NO_BREAK}${parts.year}`;
}

/** A month of UTC: `Oct`, in another year `Oct 2025`. */
export function month(instant: string, now: Date = new Date()): string {
  const at = new Date(instant);
  const name = MONTHS[at.getUTCMonth()] ?? "";
  return at.getUTCFullYear() === now.getUTCFullYear() ? name : `${name}${NO_BREAK}${at.getUTCFullYear()}`;
}

/** `13:52` on the same day, else `9 Nov`, in another year `9 Nov 2025`. */
export function short(instant: string | null, now: Date | string = new Date(), zone = ZONE): string {
  const at = instant === null ? null : new Date(instant);
  if (at === null || Number.isNaN(at.getTime())) return "no time";
  const parts = partsOf(at, zone);
  const today = partsOf(new Date(now), zone);
  return isSameDay(parts, today) ? `${parts.hour}:${parts.minute}` : day(parts, today);
}

/** Day and clock: `9 Nov 13:52`. */
export function dayAndClock(instant: string | null, now: Date | string = new Date(), zone = ZONE): string {
  const at = instant === null ? null : new Date(instant);
  if (at === null || Number.isNaN(at.getTime())) return "no time";
  const parts = partsOf(at, zone);
  const today = partsOf(new Date(now), zone);
  const clock = `${parts.hour}:${parts.minute}`;
  return isSameDay(parts, today) ? clock : `${day(parts, today)} ${clock}`;
}

/** In full, as hover and Evidence show it. */
export function full(instant: string | null, zone = ZONE): string {
  const at = instant === null ? null : new Date(instant);
  if (at === null || Number.isNaN(at.getTime())) return "no time";
  const p = partsOf(at, zone);
  return `${p.weekday} ${p.day} ${MONTHS[p.month - 1]} ${p.year}, ${p.hour}:${p.minute}:${p.second} ${zoneName(zone, at)}`;
}

/** As the context bar shows it: `Wed 18 Nov 2026, 14:32 UTC`. */
export function bar(instant: string, zone = ZONE): string {
  return full(instant, zone).replace(/:\d\d (\S+)$/, " $1");
}

export function zoneName(zone = ZONE, at = new Date()): string {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "short" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

const DAY = 86_400_000;

/** A half-open window: `1–16 Nov`, `13:32–14:32`, `28 Oct – 3 Nov`. */
export function range(from: string, to: string, now: Date | string = new Date(), zone = ZONE): string {
  const start = new Date(from);
  const end = new Date(to);
  if (Number.isNaN(start.getTime()) || Number.isNaN(end.getTime())) return "no window";
  const a = partsOf(start, "UTC");
  const b = partsOf(new Date(end.getTime() - 1), "UTC");
  const isDays = start.getTime() % DAY === 0 && end.getTime() % DAY === 0;
  const today = partsOf(new Date(now), isDays ? "UTC" : zone);
  if (isDays) {
    if (isSameDay(a, b)) return day(a, today);
    if (a.year === b.year && a.month === b.month) return `${a.day}–${day(b, today)}`;
    return `${day(a, today)} – ${day(b, today)}`;
  }
  const x = partsOf(start, zone);
  const y = partsOf(end, zone);
  const clocks = (p: Parts) => `${p.hour}:${p.minute}`;
  if (isSameDay(x, y)) {
    const prefix = isSameDay(x, today) ? "" : `${day(x, today)} `;
    return `${prefix}${clocks(x)}–${clocks(y)}`;
  }
  return `${day(x, today)} ${clocks(x)} – ${day(y, today)} ${clocks(y)}`;
}

/** `PT15M` as `15 min`, `P7D` as `7 d`, a stated range as its ends. */
export function windowLabel(text: string, now: Date | string = new Date()): string {
  const last = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (last) {
    const [, days, hours, minutes, seconds] = last;
    const all: [string | undefined, string][] = [[days, "d"], [hours, "h"], [minutes, "min"], [seconds, "s"]];
    const said = all.filter(([n]) => n !== undefined).map(([n, unit]) => `${n}${NO_BREAK}${unit}`);
    if (said.length > 0) return said.join(" ");
  }
  const [from, to] = text.split("/");
  if (from && to) return range(from, to, now);
  return text === "all" ? "all held" : text;
}

/** "5 min ago", only for live lists; the instant stands on hover. */
export function ago(instant: string, now: Date = new Date()): string {
  const seconds = Math.max(0, (now.getTime() - new Date(instant).getTime()) / 1000);
  if (seconds < 60) return `${Math.round(seconds)}${NO_BREAK}s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)}${NO_BREAK}min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)}${NO_BREAK}h ago`;
  return `${Math.round(seconds / 86_400)}${NO_BREAK}d ago`;
}
