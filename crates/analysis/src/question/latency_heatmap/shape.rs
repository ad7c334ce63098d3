//! The answer of `latency_heatmap`.

use model::measure::Measure;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::{HeatmapGrouping, HeatmapSide};
use crate::calls::Latency;

/// Who talks to whom and how slowly.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LatencyHeatmapAnswer {
    /// Totals.
    pub summary: HeatmapSummary,
    /// What rows and columns are.
    pub by: HeatmapGrouping,
    /// Whose view of latency orders the hot pairs.
    pub side: HeatmapSide,
    /// Rows and columns in one order: what talks to each other stands together.
    pub rows: Vec<HeatmapRow>,
    /// Observed pairs, in order of row and column; a pair that is not here was not observed, which is
    /// not the same as no calls.
    pub cells: Vec<HeatmapCell>,
    /// Pairs whose calls take the most time together, the most first, then in order of ids.
    pub hot_pairs: Vec<HotPair>,
    /// Calls that cross zones, of those whose two ends' zones are known.
    pub zone_crossing: ZoneCrossing,
    /// Quantiles as senders report them, of each pair of services; they are shown and never merged.
    pub reported: Vec<ReportedPair>,
}

/// Totals of all that matches, before the limit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HeatmapSummary {
    /// Rows.
    pub rows: u64,
    /// Observed pairs.
    pub cells: u64,
    /// Calls, as counted or sampled.
    pub calls: Measure,
    /// Failed of all, 0 to 1.
    pub error_ratio: Measure,
    /// Whether some calls are of an unknown sample, so that their number says nothing.
    pub is_sampled: bool,
    /// Calls of which an end is not in the estate.
    pub calls_unplaced: u64,
    /// Calls of which an end has no such group (no namespace, no single zone); they are in no cell.
    pub calls_ungrouped: u64,
}

/// One row, and the column of the same place.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HeatmapRow {
    /// Canonical id of a service or application, else the group's key.
    pub id: String,
    /// Name.
    pub name: String,
    /// Services and stores in it.
    pub members: u64,
    /// Calls it makes.
    pub calls_made: u64,
    /// Calls it answers.
    pub calls_answered: u64,
    /// Number of the connected part it is in, from 0.
    pub part: u32,
}

/// Calls of one row to one column.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HeatmapCell {
    /// Place of the caller in `rows`.
    pub row: u32,
    /// Place of the callee in `rows`.
    pub column: u32,
    /// Pairs of services in it.
    pub pairs: u64,
    /// Calls, as counted or sampled.
    pub calls: u64,
    /// Per second; null where the sample is unknown.
    pub request_rate: Measure,
    /// Failed of all, 0 to 1.
    pub error_ratio: Measure,
    /// Whether the count is of an unknown sample.
    pub is_sampled: bool,
    /// Time as callers see it.
    pub client_latency: Latency,
    /// Time as callees see it.
    pub server_latency: Latency,
    /// Mean of callers' time less that of callees', where both were measured.
    pub network_seconds: Measure,
    /// Calls that cross zones, of those whose two ends' zones are known.
    pub zone_crossing: ZoneCrossing,
    /// Sources that answer, in order of name.
    pub sources: Vec<String>,
    /// Newest minute with calls.
    pub last_call: Micros,
}

/// How many calls cross zones.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ZoneCrossing {
    /// Crossing of known, 0 to 1.
    pub share: Measure,
    /// Calls that cross.
    pub crossing: u64,
    /// Calls whose two ends' zones are known.
    pub known: u64,
    /// All calls.
    pub calls: u64,
    /// Known of all, 0 to 1.
    pub coverage: Measure,
}

/// A pair whose calls take much time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HotPair {
    /// Id of the caller's row.
    pub from: String,
    /// Id of the callee's row.
    pub to: String,
    /// Calls, as counted or sampled.
    pub calls: u64,
    /// Mean time of a call in seconds, from the asked side, else the other.
    pub mean_seconds: f64,
    /// Share of the time of all calls, 0 to 1.
    pub time_share: f64,
    /// 95th percentile from the same side.
    pub p95: Measure,
    /// Failed of all, 0 to 1.
    pub error_ratio: Measure,
}

/// Quantiles that a sender computed of the calls of one pair.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReportedPair {
    /// Canonical id of the caller, or its name as reported when that is not one service's.
    pub from: String,
    /// Canonical id of the callee, or its name as reported when that is not one service's.
    pub to: String,
    /// `client` or `server`.
    pub side: String,
    /// Quantile, 0 to 1.
    pub quantile: f64,
    /// Least of the reported values in the window, in seconds.
    pub min: f64,
    /// Latest.
    pub last: f64,
    /// Greatest.
    pub max: f64,
    /// Source.
    pub source: String,
    /// Always `reported`.
    pub basis: String,
}
