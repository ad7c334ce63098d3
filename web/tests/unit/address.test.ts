// The address holds the whole state and comes back the same.
import { describe, expect, it } from "vitest";
import { changed, contextOf, many, movedWindow, one, parseSearch, stringifySearch, windowLength } from "../../src/state/address";
import { queryOf } from "../../src/api/client";
import { commandOf, givenParams } from "../../src/parts/evidence";

describe("the address", () => {
  it("comes back the same", () => {
    const search = { unit: "org:team/payments", kind: ["pod", "service"], window: "2026-11-01/2026-12-01", text: "a b&c=d" };
    expect(parseSearch(stringifySearch(search).slice(1))).toEqual(search);
  });
  it("repeats the key of a list and leaves out what is empty", () => {
    expect(stringifySearch({ kind: ["pod", "node"], as_of: undefined, text: "" })).toBe("?kind=pod&kind=node");
    expect(queryOf({ kind: ["pod", "node"], limit: 5, text: undefined, root: [] })).toBe("?kind=pod&kind=node&limit=5");
    expect(stringifySearch({})).toBe("");
  });
  it("takes the context to the next page and nothing else", () => {
    expect(contextOf({ environment: "production", window: "P7D", sel: "x", root: "y" })).toEqual({ environment: "production", window: "P7D" });
  });
  it("changes keys and takes them away", () => {
    expect(changed({ a: "1", b: "2" }, { a: undefined, c: ["3"] })).toEqual({ b: "2", c: ["3"] });
    expect(one({ kind: ["pod", "node"] }, "kind")).toBe("pod");
    expect(many({ kind: "pod" }, "kind")).toEqual(["pod"]);
  });
  it("moves a window by its own length", () => {
    expect(movedWindow("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", -1)).toBe("2026-11-01T00:00:00Z/2026-11-02T00:00:00Z");
    expect(windowLength("PT15M")).toBe(900_000);
    expect(windowLength("2026-11-01/2026-12-01")).toBeUndefined();
  });
});

describe("evidence", () => {
  it("writes a view of a question as a switch", () => {
    expect(commandOf("critical-paths/what-if", { select: ["zone=use1-az1"] })).toBe("ubiquitous ask critical-paths \\\n  --what-if \\\n  --select zone=use1-az1 \\\n  --output json");
  });
  it("gives a command that a shell takes as it is", () => {
    const params = givenParams({ by: ["tag:team", "service"], filter: ["service=Amazon's EC2"], limit: 10, window: null, root: [] });
    expect(commandOf("cost-analysis", params)).toBe(
      "ubiquitous ask cost-analysis \\\n  --by tag:team \\\n  --by service \\\n  --filter 'service=Amazon'\\''s EC2' \\\n  --limit 10 \\\n  --output json",
    );
  });
});
