// The pages, in the order of the menu. A page of a later question stays out until it exists.

export interface PageInfo {
  path: string;
  title: string;
  group: string;
  key: string;
}

export const PAGES: PageInfo[] = [
  { path: "/", title: "Overview", group: "", key: "o" },
  { path: "/topology", title: "Topology", group: "Estate", key: "t" },
  { path: "/system-metrics", title: "Health", group: "Estate", key: "h" },
  { path: "/cost", title: "Cost", group: "Money", key: "c" },
  { path: "/ingest", title: "Ingest", group: "Data", key: "i" },
];
