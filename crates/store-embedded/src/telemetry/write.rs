//! One batch into the tables, in the writer's transaction: each part in its own file, then the
//! rollups, the versions and the marks.

use duckdb::{Connection, params};
use model::Micros;
use model::decision::{DeliveryChoice, DeliveryKey};
use model::resolution::{TelemetryWrite, WriteOutcome};
use model::seam::{DataKind, Version};
use telemetry_rows::Tally;

use crate::error::Outcome;
use crate::sequence;
use crate::telemetry::state::{State, mark_put};
use crate::telemetry::{bill, charge, edge, histogram, record, rollup, sample, span, subject};

/// The name under which sequences are kept.
pub const STORE: &str = "telemetry";

/// Kinds of data that this seam has versions of.
pub const KINDS: [DataKind; 8] = [
    DataKind::Samples,
    DataKind::Edges,
    DataKind::Spans,
    DataKind::Charges,
    DataKind::Incidents,
    DataKind::Changes,
    DataKind::Findings,
    DataKind::Values,
];

/// Applies a batch. Gives what it did and the versions it changed.
pub fn apply(
    conn: &Connection,
    state: &mut State,
    write: &TelemetryWrite,
) -> Outcome<(WriteOutcome, Vec<(DataKind, Version)>)> {
    if sequence::is_known(conn, STORE, &write.sequence)? {
        return Ok((WriteOutcome { is_known: true, ..WriteOutcome::default() }, Vec::new()));
    }
    conn.execute_batch(include_str!("stage.sql"))?;
    let mut tally = Tally::default();
    subject::write(conn, state, &write.subjects)?;
    sample::write(conn, state, write, &mut tally)?;
    histogram::write(conn, state, write, &mut tally)?;
    span::write(conn, write, &mut tally)?;
    edge::write(conn, write, &mut tally)?;
    edge::write_logs(conn, write, &mut tally)?;
    record::write(conn, write, &mut tally)?;
    charge::write(conn, state, write, &mut tally)?;
    rollup::after_write(conn, state, write)?;
    let mut versions = Vec::new();
    for (kind, newest) in &tally.kinds {
        versions.push((*kind, version_put(conn, *kind, *newest)?));
    }
    sequence::record(conn, STORE, &write.sequence)?;
    state.number += 1;
    mark_put(conn, "write", state.number)?;
    Ok((tally.outcome, versions))
}

/// Keeps what a user chose for a delivery. Gives the versions that it changed.
pub fn choose_delivery(
    conn: &Connection,
    delivery: &DeliveryKey,
    choice: Option<DeliveryChoice>,
) -> Outcome<Vec<(DataKind, Version)>> {
    let mut tally = Tally::default();
    bill::choose(conn, delivery, choice, &mut tally)?;
    tally.kinds.iter().map(|(kind, at)| Ok((*kind, version_put(conn, *kind, *at)?))).collect()
}

/// Raises the version of one kind.
fn version_put(conn: &Connection, kind: DataKind, newest: i64) -> Outcome<Version> {
    let name = format!("{kind:?}");
    let held = versions(conn)?.into_iter().find(|(known, _)| *known == kind);
    let before = held.map_or(Version::default(), |(_, version)| version);
    let newest = before.newest.map_or(newest, |before| before.0.max(newest));
    let version = Version { number: before.number + 1, newest: Some(Micros(newest)) };
    conn.execute(include_str!("version_delete.sql"), params![name])?;
    conn.execute(include_str!("version_insert.sql"), params![name, version.number, newest])?;
    Ok(version)
}

/// The versions in the tables.
pub fn versions(conn: &Connection) -> Outcome<Vec<(DataKind, Version)>> {
    let mut statement = conn.prepare(include_str!("version.sql"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let newest: Option<i64> = row.get(2)?;
        if let Some(kind) = KINDS.iter().find(|kind| format!("{kind:?}") == name) {
            found.push((*kind, Version { number: row.get(1)?, newest: newest.map(Micros) }));
        }
    }
    Ok(found)
}
