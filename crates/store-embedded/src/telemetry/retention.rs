//! Retention: counted back from the newest sample of the store, not the clock, so that old data does not
//! vanish; a sample of the future counts as one of now. What goes is rolled up first; a row for what is
//! gone comes too late from then on. What has no rollup is kept as long as the rollups.

use duckdb::{Connection, params};
use model::Micros;

use crate::error::Outcome;
use crate::telemetry::rollup;
use crate::telemetry::state::{NEVER, State, hour, mark_put};

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

/// Rolls up and drops; nothing when no sample is held.
pub fn apply(
    conn: &Connection,
    state: &mut State,
    retention: Retention,
    now: i64,
) -> Outcome<RetentionOutcome> {
    let mut outcome = RetentionOutcome::default();
    if state.newest == NEVER {
        return Ok(outcome);
    }
    let newest = state.newest.min(now);
    let before =
        |days: u32| hour(newest.saturating_sub(i64::from(days).saturating_mul(Micros::DAY)));
    let (raw, rolled) = (before(retention.raw_days), before(retention.hour_days));
    let (spans, minutes) = (before(retention.span_days), before(retention.minute_days));
    rollup::roll(conn, state, raw)?;
    rollup::rebuild(conn, state)?;
    let drop =
        |sql: &str, until: i64| -> Outcome<u64> { Ok(conn.execute(sql, params![until])? as u64) };
    if raw > state.raw_from {
        outcome.raw = drop(include_str!("retention_sample.sql"), raw)?;
        state.raw_from = raw;
        mark_put(conn, "raw_from", raw)?;
    }
    outcome.rollups = drop(include_str!("retention_rollup.sql"), rolled)?
        + drop(include_str!("retention_bin.sql"), rolled)?
        + drop(include_str!("retention_histogram.sql"), rolled)?;
    outcome.spans = drop(include_str!("retention_span.sql"), spans)?;
    outcome.minutes = drop(include_str!("retention_edge.sql"), minutes)?
        + drop(include_str!("retention_outcome.sql"), minutes)?
        + drop(include_str!("retention_log.sql"), minutes)?;
    Ok(outcome)
}
