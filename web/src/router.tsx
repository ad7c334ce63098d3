// Addresses to pages. Each page is loaded when it is first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Empty } from "./parts/states";
import { LoginGate } from "./shell/login";
import { Shell } from "./shell/shell";
import { parseSearch, stringifySearch, type Search } from "./state/address";

const root = createRootRoute({
  component: () => <LoginGate><Shell /></LoginGate>,
  validateSearch: (search): Search => search as Search,
  notFoundComponent: () => <Empty title="There is no such page.">The menu lists all pages; ⌘K finds entities.</Empty>,
});

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name as never) });

export const router = createRouter({
  routeTree: root.addChildren([
    page("/", () => import("./pages/overview/overview"), "Overview"),
    page("/executive", () => import("./pages/executive/executive-page"), "ExecutivePage"),
    page("/executive/fiscal", () => import("./pages/executive/executive-page"), "ExecutivePage"),
    page("/executive/value", () => import("./pages/executive/executive-page"), "ExecutivePage"),
    page("/executive/infrastructure", () => import("./pages/executive/executive-page"), "ExecutivePage"),
    page("/topology", () => import("./pages/topology/topology-page"), "TopologyPage"),
    page("/system-metrics", () => import("./pages/system-metrics/system-metrics-page"), "SystemMetricsPage"),
    page("/services", () => import("./pages/service-dependencies/services-page"), "ServicesPage"),
    page("/dependency-map", () => import("./pages/service-dependencies/dependency-map-page"), "DependencyMapPage"),
    page("/architecture", () => import("./pages/application-architecture/application-architecture-page"), "ApplicationArchitecturePage"),
    page("/databases", () => import("./pages/database-connections/database-connections-page"), "DatabaseConnectionsPage"),
    page("/clusters", () => import("./pages/eks-clusters/eks-clusters-page"), "EksClustersPage"),
    page("/latency-heatmap", () => import("./pages/latency-heatmap/latency-heatmap-page"), "LatencyHeatmapPage"),
    page("/single-points", () => import("./pages/critical-paths/critical-paths-page"), "CriticalPathsPage"),
    page("/what-if", () => import("./pages/critical-paths/what-if-page"), "WhatIfPage"),
    page("/database-performance", () => import("./pages/database-performance/database-performance-page"), "DatabasePerformancePage"),
    page("/latency-matrix", () => import("./pages/latency-matrix/latency-matrix-page"), "LatencyMatrixPage"),
    page("/trends", () => import("./pages/service-trends/service-trends-page"), "ServiceTrendsPage"),
    page("/service", () => import("./pages/service-trends/service-page"), "ServicePage"),
    page("/incidents", () => import("./pages/incidents/incidents-page"), "IncidentsPage"),
    page("/incident", () => import("./pages/incidents/incident-page"), "IncidentPage"),
    page("/security", () => import("./pages/security-events/security-events-page"), "SecurityEventsPage"),
    page("/value", () => import("./pages/business-value/business-value-page"), "BusinessValuePage"),
    page("/cost", () => import("./pages/cost-analysis/cost-analysis-page"), "CostAnalysisPage"),
    page("/savings", () => import("./pages/savings-candidates/savings-candidates-page"), "SavingsCandidatesPage"),
    page("/data-quality", () => import("./pages/data-quality/data-quality-page"), "DataQualityPage"),
    page("/ingest", () => import("./pages/ingest/ingest-page"), "IngestPage"),
    page("/ingest/$id", () => import("./pages/ingest/ingest-entry"), "IngestEntryPage"),
    page("/optimization", () => import("./pages/optimization/optimization-page"), "OptimizationPage"),
    page("/connections", () => import("./pages/connections/connections-page"), "ConnectionsPage"),
    page("/entity", () => import("./pages/entity/entity-page"), "EntityPageView"),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
});
