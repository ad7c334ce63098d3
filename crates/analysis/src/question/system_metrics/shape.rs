//! The answer of `system_metrics`.

use model::kind::EntityKind;
use model::measure::Measure;
use model::scope::Scope;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How healthy something is; in order of badness.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A critical limit is passed.
    Critical,
    /// A limit is passed.
    Warning,
    /// Too little data to say.
    Unknown,
    /// Every check that applies passes.
    Healthy,
}

impl Status {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
        }
    }
}

/// What is looked at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum HealthCheck {
    Readiness,
    Errors,
    Cpu,
    Memory,
    Disk,
    Network,
    Saturation,
    Latency,
    Traffic,
}

impl HealthCheck {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readiness => "readiness",
            Self::Errors => "errors",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::Saturation => "saturation",
            Self::Latency => "latency",
            Self::Traffic => "traffic",
        }
    }
}

/// Health now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SystemMetricsAnswer {
    /// All entities concerned, by status.
    pub counts: StatusCounts,
    /// The same by kind and by place, in order of dimension and value.
    pub by_scope: Vec<ScopeHealth>,
    /// Entities: critical, warning, unknown, healthy; within one status the farthest past its limit
    /// first, then in order of kind and id.
    pub entities: Vec<EntityHealth>,
    /// The limits that were used.
    pub thresholds: Vec<ThresholdRow>,
    /// Sources of the signals and how fresh each is, in order of name.
    pub sources: Vec<SourceFreshness>,
    /// Signals over time of the entities asked for; null unless asked for.
    pub series: Option<Vec<ChartSeries>>,
}

/// Entities by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusCounts {
    /// All.
    pub total: u64,
    /// A critical limit is passed.
    pub critical: u64,
    /// A limit is passed.
    pub warning: u64,
    /// Too little data to say.
    pub unknown: u64,
    /// Every check that applies passes.
    pub healthy: u64,
}

/// Health of one kind or place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScopeHealth {
    /// `kind`, `cluster`, `namespace`, `environment`, `account`, `region`, `application` or `owner`.
    pub dimension: String,
    /// Its value.
    pub value: String,
    /// By status.
    pub counts: StatusCounts,
}

/// Health of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EntityHealth {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
    /// Status.
    pub status: Status,
    /// The worst check with its value and limit, or why nothing can be said.
    pub reason: String,
    /// Each check, worst first, then in order of check and title.
    pub checks: Vec<CheckResult>,
    /// Newest value of any signal, also before the window.
    pub newest: Option<Micros>,
}

/// One check of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CheckResult {
    /// What is looked at.
    pub check: HealthCheck,
    /// Title for people (`CPU`, `Errors`).
    pub title: String,
    /// Status; null for a figure that has no limit.
    pub status: Option<Status>,
    /// The value beside its limit, for people; the state in words where there is no figure.
    pub reason: String,
    /// The figure.
    pub value: Measure,
    /// The limit that was passed, or the first that was not; null without one.
    pub limit: Option<f64>,
    /// Signals it was computed from.
    pub signals: Vec<String>,
    /// Metrics' own names.
    pub metrics: Vec<String>,
    /// The source that answers.
    pub source: Option<String>,
    /// Other sources that send the same and were not used.
    pub other_sources: Vec<String>,
    /// Newest value.
    pub newest: Option<Micros>,
    /// For latency: what senders reported themselves, by quantile; never merged.
    pub reported: Vec<ReportedQuantile>,
    /// Bounds that the method leaves open (the width of a histogram's bucket), if any.
    pub bound: Option<Bound>,
}

/// Two ends of what is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Bound {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// A quantile as its senders computed it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReportedQuantile {
    /// Quantile, 0 to 1.
    pub quantile: f64,
    /// Least of the reported values.
    pub min: f64,
    /// Median of each series' latest value.
    pub median: f64,
    /// Greatest of the reported values.
    pub max: f64,
    /// Series that report it.
    pub series: u64,
    /// Always `reported`.
    pub basis: String,
}

/// One row of the table of limits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThresholdRow {
    /// What is looked at.
    pub check: HealthCheck,
    /// Title for people.
    pub title: String,
    /// What the figure is.
    pub definition: String,
    /// Unit of figure and limits.
    pub unit: String,
    /// Warning from here; null when there is none.
    pub warning: Option<f64>,
    /// Critical from here; null when there is none.
    pub critical: Option<f64>,
    /// Whether the figure is bad when it is low.
    pub is_floor: bool,
}

/// One source of signals.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SourceFreshness {
    /// Source.
    pub source: String,
    /// Entities it sends signals of.
    pub entities: u64,
    /// Series with values in the window.
    pub series: u64,
    /// Newest value.
    pub newest: Micros,
    /// Seconds from that to the instant asked about.
    pub age_seconds: f64,
}

/// One series over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChartSeries {
    /// Canonical id of the entity.
    pub entity: String,
    /// Signal; null for a metric without one.
    pub signal: Option<String>,
    /// Metric's own name.
    pub metric: String,
    /// Labels that tell series of one metric apart.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Unit of the values; of a counter per second.
    pub unit: String,
    /// Source.
    pub source: String,
    /// Length of a bucket in seconds.
    pub step_seconds: f64,
    /// Buckets that hold values, in order of time; a gap has none.
    pub points: Vec<ChartPoint>,
}

/// One bucket.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ChartPoint {
    /// Start.
    pub at: Micros,
    /// Mean; of a counter the rate over the bucket.
    pub value: f64,
    /// Least; null for a rate.
    pub min: Option<f64>,
    /// Greatest; null for a rate.
    pub max: Option<f64>,
}
