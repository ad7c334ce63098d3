// Instants and windows as LOOK writes them.
import { describe, expect, it } from "vitest";
import { ago, bar, dayAndClock, full, range, short, windowLabel } from "../../src/format/time";

const NOW = "2026-11-18T14:32:00Z";
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("instants", () => {
  it("say the clock today, else the day, else the year", () => {
    expect(short("2026-11-18T13:52:10Z", NOW, "UTC")).toBe("13:52");
    expect(plain(short("2026-11-09T07:40:00Z", NOW, "UTC"))).toBe("9 Nov");
    expect(plain(short("2025-11-09T07:40:00Z", NOW, "UTC"))).toBe("9 Nov 2025");
    expect(short(null, NOW, "UTC")).toBe("no time");
    expect(short("not a time", NOW, "UTC")).toBe("no time");
    expect(plain(dayAndClock("2026-11-14T18:07:00Z", NOW, "UTC"))).toBe("14 Nov 18:07");
  });
  it("say everything in full, in the zone that is named", () => {
    expect(full(NOW, "UTC")).toBe("Wed 18 Nov 2026, 14:32:00 UTC");
    expect(bar(NOW, "UTC")).toBe("Wed 18 Nov 2026, 14:32 UTC");
    expect(full(NOW, "Europe/Berlin")).toContain("15:32:00");
  });
  it("say how long ago", () => {
    expect(plain(ago("2026-11-18T14:27:00Z", new Date(NOW)))).toBe("5 min ago");
    expect(plain(ago("2026-11-16T14:00:00Z", new Date(NOW)))).toBe("2 d ago");
  });
});

describe("windows", () => {
  it("are half-open: the last day is the one before the end", () => {
    expect(plain(range("2026-11-01T00:00:00Z", "2026-11-17T00:00:00Z", NOW, "UTC"))).toBe("1–16 Nov");
    expect(plain(range("2026-10-28T00:00:00Z", "2026-11-04T00:00:00Z", NOW, "UTC"))).toBe("28 Oct – 3 Nov");
    expect(plain(range("2024-09-01T00:00:00Z", "2024-10-01T00:00:00Z", NOW, "UTC"))).toBe("1–30 Sep 2024");
    expect(range("2026-11-18T13:32:00Z", "2026-11-18T14:32:00Z", NOW, "UTC")).toBe("13:32–14:32");
    expect(plain(range("2026-11-17T13:32:00Z", "2026-11-18T14:32:00Z", NOW, "UTC"))).toBe("17 Nov 13:32 – 18 Nov 14:32");
  });
  it("have short names", () => {
    expect(plain(windowLabel("PT15M"))).toBe("15 min");
    expect(plain(windowLabel("P7D"))).toBe("7 d");
    expect(plain(windowLabel("PT24H"))).toBe("24 h");
    expect(windowLabel("all")).toBe("all held");
    expect(plain(windowLabel("2026-11-01T00:00:00Z/2026-11-17T00:00:00Z", NOW))).toBe("1–16 Nov");
  });
});
