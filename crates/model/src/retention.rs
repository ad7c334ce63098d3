//! How long a store keeps what was measured, and what went.

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
