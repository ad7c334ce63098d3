//! Retention: counted back from the newest sample of the store, not the clock, so that old data does not
//! vanish; a sample of the future counts as one of now. What goes is rolled up first; a row for what is
//! gone comes too late from then on. What has no rollup is kept as long as the rollups.

use duckdb::{Connection, params};
use model::Micros;
use model::retention::{Retention, RetentionOutcome};

use crate::error::Outcome;
use crate::telemetry::rollup;
use crate::telemetry::state::{NEVER, State, hour, mark_put};

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
