//! Facts of the questions about calls over time: calls, requests without a caller, and durations, in
//! buckets. Percentiles of a bucket come from its bins; those of several buckets from added bins.

use crate::entity::{EntityId, Labels};
use crate::series::Bin;
use crate::span::SpanKind;
use crate::time::{Micros, Window};

/// Which calls, in which buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSeriesQuery {
    /// The window.
    pub window: Window,
    /// Length of a bucket in microseconds, whole minutes; buckets begin at whole steps since 1970, so
    /// the first and the last may lie partly outside the window and hold what is inside.
    pub step: i64,
    /// Callers; empty for all; at most 5,000.
    pub clients: Vec<EntityId>,
    /// Callees; empty for all; at most 5,000.
    pub servers: Vec<EntityId>,
    /// Whether durations are wanted too.
    pub with_bins: bool,
}

/// Calls of one pair in buckets, by way, source and whether counts are scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSeriesFact {
    /// Caller (after redirects).
    pub client: EntityId,
    /// Callee (after redirects).
    pub server: EntityId,
    /// Whether it went through a message.
    pub is_asynchronous: bool,
    /// Whether counts are scaled by the sampling probability, or were counted by another tool;
    /// otherwise they are ratios of an unknown sample.
    pub is_scaled: bool,
    /// The tool that counted it; empty for calls paired from spans.
    pub origin: String,
    /// Buckets with calls, in order of time; a gap has none.
    pub buckets: Vec<CallBucket>,
}

/// Calls of one bucket.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallBucket {
    /// Start.
    pub at: Micros,
    /// How many.
    pub calls: u64,
    /// How many failed.
    pub errors: u64,
    /// Callers' durations in seconds by bin.
    pub client_bins: Vec<(Bin, u64)>,
    /// Callees' durations in seconds by bin.
    pub server_bins: Vec<(Bin, u64)>,
}

/// Spans without a parent in buckets, of one service and kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RootSeriesFact {
    /// Service (after redirects).
    pub service: EntityId,
    /// Kind of the spans.
    pub kind: SpanKind,
    /// Whether counts are scaled by the sampling probability.
    pub is_scaled: bool,
    /// Buckets with requests, in order of time.
    pub buckets: Vec<RootBucket>,
}

/// Requests of one bucket.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RootBucket {
    /// Start.
    pub at: Micros,
    /// How many.
    pub requests: u64,
    /// How many failed.
    pub errors: u64,
    /// Durations in seconds by bin.
    pub bins: Vec<(Bin, u64)>,
}

/// Durations of one series in buckets, by bin, in the signal's unit: of single durations and of native
/// histograms. Classic histograms are series of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct DurationSeriesFact {
    /// Entity (after redirects).
    pub entity: EntityId,
    /// Signal, if it has one.
    pub signal: Option<String>,
    /// Metric's own name.
    pub metric: String,
    /// Labels.
    pub labels: Labels,
    /// Source that sent it.
    pub source: String,
    /// Buckets that hold values, in order of time, each with its counts in order of bin.
    pub buckets: Vec<(Micros, Vec<(Bin, u64)>)>,
}
