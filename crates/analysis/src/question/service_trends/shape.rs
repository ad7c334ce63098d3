//! The answer of `service_trends`.

use jiff::Timestamp;
use model::absence::Absence;
use model::kind::EntityKind;
use model::measure::Measure;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::TrendSignal;
use crate::calls::Latency;
use crate::judged_series::{SeriesComparison, SeriesSummary};

/// Rate, errors, duration and saturation over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceTrendsAnswer {
    /// Totals of the page.
    pub summary: TrendsSummary,
    /// The buckets that all `values` lie on.
    pub grid: TrendsGrid,
    /// Services, those with the most requests first, then in order of id.
    pub services: Vec<ServiceTrend>,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrendsSummary {
    /// Services that match, before the page is cut.
    pub services: u64,
    /// Of them those of which requests were measured in the window.
    pub measured: u64,
    /// Of the page: series that rise.
    pub rising: u64,
    /// Of the page: series that fall.
    pub falling: u64,
    /// Of the page: changes of level.
    pub changes: u64,
    /// Of the page: anomalies.
    pub anomalies: u64,
    /// Of the page: objectives whose budget burns too fast.
    pub burning: u64,
    /// Of the page: objectives.
    pub objectives: u64,
}

/// Buckets in a row.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrendsGrid {
    /// Start of the first.
    pub from: Micros,
    /// Length in seconds.
    pub step_seconds: f64,
    /// How many.
    pub buckets: u64,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceTrend {
    /// Canonical id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: EntityKind,
    /// Environment.
    pub environment: Option<String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Canonical id of the application.
    pub application: Option<String>,
    /// Requests in the window, as counted or sampled.
    pub requests: Measure,
    /// Whether the requests are of an unknown sample.
    pub is_sampled: bool,
    /// Percentiles over the whole window, from merged bins or buckets.
    pub latency: Latency,
    /// The signals asked for, in the order of their list.
    pub signals: Vec<SignalTrend>,
    /// Apdex of the window.
    pub apdex: TrendsApdex,
    /// Objectives, in order of name.
    pub objectives: Vec<ObjectiveState>,
    /// Why there are none.
    pub objectives_reason: Option<Absence>,
}

/// One signal of one service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SignalTrend {
    /// Signal.
    pub signal: TrendSignal,
    /// Unit of the values.
    pub unit: String,
    /// Source that answers; null without data.
    pub source: Option<String>,
    /// The metric, or `spans`.
    pub metric: Option<String>,
    /// `measured`; `reported` of quantiles that the sender computed: a bucket holds the latest one, of
    /// several series their median.
    pub basis: String,
    /// Other sources that know it; they were not added.
    pub other_sources: Vec<String>,
    /// One value a bucket; a gap is null.
    pub values: Vec<Option<f64>>,
    /// Why there is no value at all.
    pub reason: Option<Absence>,
    /// More of that, for people.
    pub detail: Option<String>,
    /// What is found of it.
    pub summary: SeriesSummary,
    /// The previous period and the same a week earlier.
    pub comparisons: Vec<SeriesComparison>,
    /// What comes next; null with a reason.
    pub forecast: Option<TrendForecast>,
    /// Why there is no forecast.
    pub forecast_reason: Option<Absence>,
    /// More of that, for people.
    pub forecast_detail: Option<String>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrendForecast {
    /// How it is worked out, the nearest of several in trials on the past.
    pub method: String,
    /// Share of values that the interval is to hold, 0.8.
    pub level: f64,
    /// Share of past values that it did hold in trials, 0 to 1.
    pub coverage: f64,
    /// Past values of the trials.
    pub tried: u64,
    /// Length of a step in seconds.
    pub step_seconds: f64,
    /// Values, in order of time.
    pub points: Vec<TrendForecastPoint>,
}

/// One value to come.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrendForecastPoint {
    /// Start of its step.
    pub at: Micros,
    /// The value.
    pub value: f64,
    /// Lower end of the 80 % interval.
    pub low: f64,
    /// Upper end of the 80 % interval.
    pub high: f64,
}

/// Apdex of the window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrendsApdex {
    /// 0 to 1; null without a threshold.
    pub value: Measure,
    /// Threshold T in seconds, as stated.
    pub threshold_seconds: Option<f64>,
    /// Whether no bucket ends at T or 4T, so that counts within one are estimated.
    pub is_interpolated: bool,
}

/// One objective and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ObjectiveState {
    /// Name.
    pub name: String,
    /// `ratio`, `latency` or `unread`.
    pub indicator: String,
    /// Share of good events that is promised.
    pub target: f64,
    /// Latency bound in seconds, if it is one.
    pub bound_seconds: Option<f64>,
    /// Length of the rolling window in seconds.
    pub window_seconds: f64,
    /// Owner, as stated.
    pub owner: Option<String>,
    /// Source that states it.
    pub source: String,
    /// Share of good events over the rolling window.
    pub attainment: Measure,
    /// Whether the attainment is below the target; null without events.
    pub is_missed: Option<bool>,
    /// Share of the error budget that is left; below 0 when overspent.
    pub budget_left: Measure,
    /// First instant with events inside the rolling window; later than its start when less is held.
    pub events_from: Option<Timestamp>,
    /// Burn by rule, the fastest first.
    pub burns: Vec<BurnState>,
    /// `fast`, `slow` or `none`; null when no rule has enough events.
    pub verdict: Option<BurnVerdict>,
}

/// How an error budget burns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BurnVerdict {
    /// So fast that somebody must look at once.
    Fast,
    /// Fast enough to be spent before its window ends.
    Slow,
    /// Neither.
    None,
}

/// One pair of windows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BurnState {
    /// The longer window in seconds.
    pub long_seconds: i64,
    /// The shorter window in seconds.
    pub short_seconds: i64,
    /// Least burn in both for an alarm.
    pub limit: f64,
    /// Burn over the longer window; null under 100 events.
    pub long: Measure,
    /// Burn over the shorter window.
    pub short: Measure,
    /// Whether both are past the limit; null when there are too few events.
    pub is_burning: Option<bool>,
}
