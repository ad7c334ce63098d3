// Figures as LOOK writes them: digits, minus, units, money.
import { describe, expect, it } from "vitest";
import { brief, count, distinctNames, fixed, middle, money, moneyShort, ratio, significant, signed, withUnit } from "../../src/format/number";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("numbers", () => {
  it("has three significant digits", () => {
    expect(significant(183.4)).toBe("183");
    expect(significant(1.3349)).toBe("1.33");
    expect(significant(0.06149)).toBe("0.0615");
    expect(significant(1234.5)).toBe("1,230");
    expect(significant(0.99951)).toBe("1.00");
    expect(significant(0)).toBe("0");
    expect(significant(-2.5)).toBe("\u22122.50");
  });
  it("writes the true minus and never minus nothing", () => {
    expect(fixed(-1234.5, 1)).toBe("\u22121,234.5");
    expect(fixed(-0.04, 1)).toBe("0.0");
    expect(count(9214.4)).toBe("9,214");
  });
  it("writes units with a space", () => {
    expect(plain(withUnit(0.041, "1"))).toBe("4.1 %");
    expect(plain(withUnit(1.334, "s"))).toBe("1.33 s");
    expect(plain(withUnit(0.0612, "s"))).toBe("61.2 ms");
    expect(plain(withUnit(90, "s"))).toBe("90.0 s");
    expect(plain(withUnit(3_600 * 5, "s"))).toBe("5.00 h");
    expect(plain(withUnit(183, "/s"))).toBe("183 /s");
    expect(plain(withUnit(3 * 1024 ** 3, "By"))).toBe("3.00 GiB");
    expect(plain(withUnit(0, "By"))).toBe("0 B");
    expect(plain(withUnit(12, "count"))).toBe("12");
    expect(plain(withUnit(3.192, "count/s"))).toBe("3.19 /s");
    expect(plain(withUnit(7, "{request}"))).toBe("7.00 request");
    expect(["6.00 /s", "5.00 min", "100.0 %", "0.0150 /s", "10 /s", "100", "1.25 GiB"].map(brief)).toEqual(["6 /s", "5 min", "100 %", "0.015 /s", "10 /s", "100", "1.25 GiB"]);
  });
  it("writes money whole from 1,000 and cents below", () => {
    expect(money("231480.49", "USD")).toBe("$231,480");
    expect(money("20.52022672899", "USD")).toBe("$20.52");
    expect(money("-610.4", "USD")).toBe("\u2212$610.40");
    expect(money("0.000123", "USD")).toBe("$0.00012");
    expect(money("0", "EUR")).toBe("€0");
    expect(plain(money("12.5", "CHF"))).toBe("12.50 CHF");
    expect(money("-0.000000000000000001", "USD")).not.toBe("$0");
    expect(moneyShort(450_000, "USD")).toBe("$450k");
    expect(moneyShort(0, "USD")).toBe("$0");
  });
  it("signs changes", () => {
    expect(signed(money(12, "USD"), 12)).toBe("+$12.00");
    expect(signed(money(-12, "USD"), -12)).toBe("\u2212$12.00");
    expect(plain(ratio(0.053))).toBe("5.3 %");
  });
  it("cuts ids in the middle and keeps both ends", () => {
    expect(middle("arn:aws:rds:eu-west-1:123456789012:db:orders", 20)).toBe("arn:aws:rd…db:orders");
    expect(middle("short", 20)).toBe("short");
  });
  it("tells things of one name apart by their place", () => {
    const names = distinctNames([{ id: "service://production/shop/cart", name: "cart" }, { id: "service://staging/shop/cart", name: "cart" }, { id: "service://staging/shop/web", name: "web" }]);
    expect([...names.values()]).toEqual(["cart · production/shop", "cart · staging/shop", "web"]);
  });
});
