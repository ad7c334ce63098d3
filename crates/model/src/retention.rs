//! How long a store keeps what was measured, what went, and what a store of telemetry needs now and then.

use async_trait::async_trait;

use crate::error::StoreResult;
use crate::time::Micros;

/// How long rows are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Samples.
    pub raw_days: u32,
    /// Rollups by hour, and histograms, which have none.
    pub hour_days: u32,
    /// Spans.
    pub span_days: u32,
    /// Minutes of calls and of logs, which have no rollup.
    pub minute_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { raw_days: 30, hour_days: 730, span_days: 7, minute_days: 730 }
    }
}

/// Rows that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionOutcome {
    /// Samples.
    pub raw: u64,
    /// Rollups and histograms.
    pub rollups: u64,
    /// Spans.
    pub spans: u64,
    /// Minutes of calls and logs.
    pub minutes: u64,
}

/// What is done to stored telemetry while nobody asks. Several replicas may do it at once.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Rolls hours up again that got late rows; writes nothing when there are none.
    async fn rebuild_if_dirty(&self) -> StoreResult<()>;
    /// Applies retention, counted back from the newest sample, but not from one after `now`.
    async fn retain(&self, retention: Retention, now: Micros) -> StoreResult<RetentionOutcome>;
}
