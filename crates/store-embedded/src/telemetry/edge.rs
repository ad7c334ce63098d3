//! Minutes of calls, and of log records.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use telemetry_rows::Tally;
use telemetry_rows::edge::{self, Counts, Edge, Key, bins_text};

use crate::error::Outcome;
use crate::telemetry::state::NEVER;
use crate::telemetry::subject::stage;

/// Writes the minutes of calls of a batch.
pub fn write(conn: &Connection, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let paired = edge::paired(write);
    let observed_at = write.input.observed_at.0;
    let mut rows = conn.appender("edge_minute")?;
    append(&mut rows, &paired, "", observed_at)?;
    rows.flush()?;
    drop(rows);
    write_outcomes(conn, write)?;
    tally.added("edge_minute", paired.len() as u64);
    for (_, _, _, at, ..) in paired.keys() {
        tally.touch(DataKind::Edges, *at);
    }
    if !write.edges.is_empty() {
        set(conn, &write.edges, (&write.input.source, observed_at), tally)?;
    }
    Ok(())
}

/// What became of requests in which calls failed: rows add up, some of them negative.
fn write_outcomes(conn: &Connection, write: &TelemetryWrite) -> Outcome<()> {
    let outcomes = edge::outcomes(write);
    if outcomes.is_empty() {
        return Ok(());
    }
    let mut rows = conn.appender("call_outcome")?;
    for ((client, server, at), [failures, requests, survived]) in outcomes {
        rows.append_row(params![client, server, at, failures, requests, survived])?;
    }
    rows.flush()?;
    Ok(())
}

/// Minutes that another tool counted replace its earlier ones.
fn set(
    conn: &Connection,
    edges: &[Edge],
    (source, observed_at): (&str, i64),
    tally: &mut Tally,
) -> Outcome<()> {
    let counted = edge::counted(edges);
    let newest = edges.iter().map(|edge| edge.2.at.0).fold(NEVER, i64::max);
    let mut rows = stage(conn, "stage_edge")?;
    append(&mut rows, &counted, source, observed_at)?;
    rows.flush()?;
    drop(rows);
    let changed = conn.execute(include_str!("edge_drop.sql"), [])? as u64;
    let written = conn.execute(include_str!("edge_add.sql"), [])? as u64;
    conn.execute_batch("TRUNCATE stage_edge")?;
    tally.changed("edge_minute", changed);
    tally.added("edge_minute", written.saturating_sub(changed));
    if written > 0 {
        tally.touch(DataKind::Edges, newest);
    }
    Ok(())
}

fn append(
    rows: &mut duckdb::Appender<'_>,
    edges: &BTreeMap<Key<'_>, Counts>,
    origin: &str,
    observed_at: i64,
) -> Outcome<()> {
    for ((client, server, operation, at, is_asynchronous, is_scaled), counts) in edges {
        rows.append_row(params![
            client,
            server,
            operation,
            at,
            origin,
            is_asynchronous,
            is_scaled,
            counts.calls,
            counts.errors,
            bins_text(&counts.client),
            bins_text(&counts.server),
            observed_at
        ])?;
    }
    Ok(())
}

/// Writes the log counts of a batch, unless the same batch was counted before.
pub fn write_logs(conn: &Connection, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    if write.logs.is_empty() {
        return Ok(());
    }
    let edge::Logs { minutes, origin } = edge::logs(write);
    if conn.query_row(include_str!("log_known.sql"), [origin], |row| row.get(0))? {
        return Ok(());
    }
    let mut rows = conn.appender("log_minute")?;
    for ((subject, at, severity), count) in &minutes {
        rows.append_row(params![subject, at, severity, count, origin])?;
        tally.touch(DataKind::Edges, *at);
    }
    rows.flush()?;
    tally.added("log_minute", minutes.len() as u64);
    Ok(())
}
