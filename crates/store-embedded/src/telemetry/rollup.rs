//! Rollups by hour, and by hour and bin where percentiles are asked. Hours below `rolled_until` are
//! rolled up for every series, but those marked dirty; both kinds are read raw until a pass builds
//! them, so reads are right at any moment.

use duckdb::{Connection, params};
use model::Micros;
use model::resolution::TelemetryWrite;

use crate::error::Outcome;
use crate::telemetry::state::{NEVER, State, hour, mark_put};
use crate::telemetry::subject::stage;

/// Hours of open raw rows after which a long input is rolled up on its way.
const OPEN_HOURS: i64 = 6;

/// Dirty hours after which they are built again within a long input.
const DIRTY_HOURS: usize = 500_000;

/// Rolls up what a write has closed, at the end of its input or when much is open.
pub fn after_write(conn: &Connection, state: &mut State, write: &TelemetryWrite) -> Outcome<()> {
    if write.series.is_empty() && !write.is_last {
        return Ok(());
    }
    let until = closed(state, write.input.received_at.0);
    let is_far = until.saturating_sub(state.rolled_until) >= OPEN_HOURS * Micros::HOUR;
    if (write.is_last && until > state.rolled_until) || is_far {
        roll(conn, state, until)?;
    }
    if !state.dirty.is_empty() && (write.is_last || state.dirty.len() >= DIRTY_HOURS) {
        rebuild(conn, state)?;
    }
    Ok(())
}

/// The hour that is still open: of the newest sample, but not after that of the receipt, so that one
/// sample of the far future does not close everything before it.
fn closed(state: &State, received_at: i64) -> i64 {
    if state.newest == NEVER { NEVER } else { hour(state.newest.min(received_at)) }
}

/// Rolls up the hours from the last one rolled up to `until`.
pub fn roll(conn: &Connection, state: &mut State, until: i64) -> Outcome<()> {
    if until <= state.rolled_until {
        return Ok(());
    }
    let range = params![state.rolled_until, until];
    conn.execute(include_str!("rollup_stage_range.sql"), range)?;
    build(conn)?;
    state.rolled_until = until;
    mark_put(conn, "rolled_until", until)?;
    Ok(())
}

/// Whether an hour waits to be rolled up again.
pub fn is_dirty(conn: &Connection) -> Outcome<bool> {
    Ok(conn.prepare_cached(include_str!("rollup_is_dirty.sql"))?.exists([])?)
}

/// Builds the dirty hours again from raw rows.
pub fn rebuild(conn: &Connection, state: &mut State) -> Outcome<()> {
    let ends = (state.dirty.first(), state.dirty.last());
    let (Some((first, _)), Some((last, _))) = ends else { return Ok(()) };
    let range = params![*first, last.saturating_add(Micros::HOUR)];
    let mut rows = stage(conn, "stage_hour")?;
    for (at, series) in &state.dirty {
        rows.append_row(params![series, at])?;
    }
    rows.flush()?;
    drop(rows);
    conn.execute(include_str!("rollup_drop.sql"), [])?;
    conn.execute(include_str!("rollup_drop_bin.sql"), [])?;
    conn.execute(include_str!("rollup_stage_dirty.sql"), range)?;
    build(conn)?;
    conn.execute_batch("TRUNCATE stage_hour; TRUNCATE rollup_dirty")?;
    state.dirty.clear();
    Ok(())
}

/// Builds rollups of the staged raw rows.
fn build(conn: &Connection) -> Outcome<()> {
    conn.execute(include_str!("rollup_build_level.sql"), [])?;
    conn.execute(include_str!("rollup_build_counter.sql"), [])?;
    conn.execute(include_str!("rollup_build_bin.sql"), [])?;
    conn.execute_batch("TRUNCATE stage_raw")?;
    Ok(())
}
