//! The answer of `latency_matrix`.

use model::measure::Measure;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::MatrixSide;
use crate::calls::Latency;
use crate::judged_series::{SeriesAnomaly, SeriesSummary};

/// Communication over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LatencyMatrixAnswer {
    /// Totals of all that was judged, before the page is cut.
    pub summary: MatrixSummary,
    /// Whose durations are judged.
    pub side: MatrixSide,
    /// Calls that wait for an answer, those with the most harmed requests first, then with the most
    /// calls, then in order of ids.
    pub pairs: Vec<MatrixPair>,
    /// Calls through messages, in the same order; they are judged by the callee's time.
    pub asynchronous: Vec<MatrixPair>,
    /// Pairs of which a sender reports quantiles and nothing says how many calls there were: slower ones
    /// first, those with the farthest anomaly before others, then in order of ids.
    pub reported: Vec<MatrixPair>,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixSummary {
    /// Pairs that match, asynchronous ones among them.
    pub pairs: u64,
    /// Of them those that were judged: with the most calls.
    pub judged: u64,
    /// Pairs that got slower.
    pub slower: u64,
    /// Pairs that got faster.
    pub faster: u64,
    /// Pairs that fail more than is usual for them.
    pub failing: u64,
    /// Requests that were harmed in all pairs, as counted or sampled.
    pub harmed: Measure,
    /// Pairs of which an end is outside your scope; they are left out.
    pub outside: u64,
}

/// What became of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatrixState {
    /// It got slower.
    Slower,
    /// It got faster.
    Faster,
    /// It is as usual.
    Steady,
    /// Too few calls to tell.
    Unknown,
}

/// One caller and one callee.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixPair {
    /// Canonical id of the caller.
    pub from: String,
    /// Its name.
    pub from_name: String,
    /// Canonical id of the callee.
    pub to: String,
    /// Its name.
    pub to_name: String,
    /// `measured`, or `reported` when only quantiles are known that the sender computed.
    pub basis: String,
    /// Calls, as counted or sampled; null when nothing says how many.
    pub calls: Option<u64>,
    /// Whether the count is of an unknown sample.
    pub is_sampled: bool,
    /// Per second; null where the sample is unknown.
    pub request_rate: Measure,
    /// Source that answers.
    pub source: String,
    /// Other sources that know the pair; they were not added.
    pub other_sources: Vec<String>,
    /// Whose durations these are.
    pub side: MatrixSide,
    /// Durations of the window.
    pub latency: Latency,
    /// Failed of all.
    pub error_ratio: Measure,
    /// What is usual for this pair.
    pub usual: MatrixUsual,
    /// What became of it.
    pub state: MatrixState,
    /// Why, for people.
    pub reason: String,
    /// 95th percentile against the usual one, else the median against the usual one: 0.1 is a tenth
    /// slower.
    pub change_ratio: Measure,
    /// Since when it is slower or faster.
    pub since: Option<Micros>,
    /// Earliest that it may have been.
    pub since_earliest: Option<Micros>,
    /// Latest that it may have been.
    pub since_latest: Option<Micros>,
    /// Until when, if it has ended.
    pub until: Option<Micros>,
    /// Requests that were harmed.
    pub harm: MatrixHarm,
    /// Series of the pair.
    pub values: MatrixValues,
    /// What is found of the judged series.
    pub summary: SeriesSummary,
    /// When more calls failed than is usual.
    pub error_anomalies: Vec<SeriesAnomaly>,
}

/// What is usual for a pair.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixUsual {
    /// Durations.
    pub latency: Latency,
    /// Failed of all.
    pub error_ratio: Measure,
    /// Calls that it is made from; null when nothing says how many.
    pub calls: Option<u64>,
    /// `earlier`: periods before the window; `before_change`: the window up to its first change;
    /// `window`: the window itself.
    pub made_from: String,
}

/// Requests that were harmed, as counted or sampled.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixHarm {
    /// Slower than the usual 95th percentile, beyond the one in twenty that always is.
    pub slow: Measure,
    /// Failed, beyond what usually fails.
    pub failed: Measure,
    /// Both, at most all calls.
    pub total: Measure,
}

/// Series of a pair in buckets; a gap is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixValues {
    /// Start of the first bucket.
    pub from: Micros,
    /// Length of a bucket in seconds; pairs with few calls have longer ones.
    pub step_seconds: f64,
    /// The quantile that is judged: 0.95 where most buckets have 100 calls, else 0.5.
    pub quantile: f64,
    /// Durations at that quantile, in seconds.
    pub latency: Vec<Option<f64>>,
    /// Calls.
    pub calls: Vec<Option<f64>>,
    /// Failed of all.
    pub error_ratio: Vec<Option<f64>>,
}
