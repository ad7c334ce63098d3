// The pages, in the order of the menu. A page of a later question stays out until it exists.
import { useIsNarrowed } from "../api/people";
import { useQuestions } from "../api/queries";

export interface PageInfo {
  path: string;
  title: string;
  group: string;
  key: string;
  /** The question that it stands on, where an older program may not have it. */
  needs?: string;
  /** Whether it tells of the whole store: nothing of it is for an account that sees a part of the organisation. */
  isOfWhole?: boolean;
}

export const PAGES: PageInfo[] = [
  { path: "/", title: "Overview", group: "", key: "o" },
  { path: "/executive", title: "Executive", group: "", key: "q" },
  { path: "/topology", title: "Topology", group: "Estate", key: "t" },
  { path: "/system-metrics", title: "Health", group: "Estate", key: "h" },
  { path: "/services", title: "Services", group: "Estate", key: "s" },
  { path: "/trends", title: "Trends", group: "Estate", key: "r", needs: "service_trends" },
  { path: "/dependency-map", title: "Dependency map", group: "Estate", key: "m" },
  { path: "/architecture", title: "Architecture", group: "Estate", key: "a" },
  { path: "/databases", title: "Databases", group: "Estate", key: "d" },
  { path: "/database-performance", title: "Database load", group: "Estate", key: "b", needs: "database_performance" },
  { path: "/clusters", title: "Clusters", group: "Estate", key: "k" },
  { path: "/latency-heatmap", title: "Latency heatmap", group: "Estate", key: "y" },
  { path: "/latency-matrix", title: "Latency over time", group: "Estate", key: "x", needs: "latency_matrix" },
  { path: "/single-points", title: "Single points", group: "Risk", key: "p" },
  { path: "/what-if", title: "What if", group: "Risk", key: "w" },
  { path: "/incidents", title: "Incidents", group: "Risk", key: "n", needs: "incidents" },
  { path: "/security", title: "Security", group: "Risk", key: "e", needs: "security_events" },
  { path: "/cost", title: "Cost", group: "Money", key: "c" },
  { path: "/savings", title: "Savings", group: "Money", key: "v" },
  { path: "/value", title: "Value", group: "Money", key: "u", needs: "business_value" },
  { path: "/ingest", title: "Ingest", group: "Data", key: "i", isOfWhole: true },
  { path: "/data-quality", title: "Data quality", group: "Data", key: "j", isOfWhole: true },
  { path: "/connections", title: "Connections", group: "Data", key: "l", isOfWhole: true },
  { path: "/optimization", title: "Optimisation", group: "Data", key: "z", isOfWhole: true },
];

/** Whether the program answers what a page asks; until it has said so, it is taken to. */
function isAnswered(page: PageInfo, questions: readonly { name: string }[] | undefined): boolean {
  return page.needs === undefined || questions === undefined || questions.length === 0 || questions.some((one) => one.name === page.needs);
}

/** The pages that this program has for whoever is logged in. */
export function usePages(): PageInfo[] {
  const questions = useQuestions().data;
  const isNarrowed = useIsNarrowed();
  return PAGES.filter((page) => isAnswered(page, questions) && !(isNarrowed && page.isOfWhole));
}
