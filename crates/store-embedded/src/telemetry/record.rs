//! Rows of `telemetry_rows::record` into their tables: of two versions of one key the later observed stays, ties by
//! the greater fingerprint.

use duckdb::{Connection, params};
use model::resolution::TelemetryWrite;
use telemetry_rows::{Tally, record};

use crate::error::Outcome;
use crate::telemetry::state::NEVER;
use crate::telemetry::subject::stage;

/// Writes everything that is one row a key.
pub fn write(conn: &Connection, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let rows = record::rows(write)?;
    if rows.is_empty() {
        return Ok(());
    }
    let observed_at = write.input.observed_at.0;
    let mut staged = stage(conn, "stage_record")?;
    let mut subjects = stage(conn, "stage_record_subject")?;
    for ((record, key), row) in &rows {
        let columns = &row.columns;
        staged.append_row(params![
            record,
            key,
            write.input.source,
            columns.external_id,
            columns.class,
            columns.title,
            columns.status,
            columns.at,
            columns.until,
            columns.count,
            row.body,
            row.fingerprint,
            observed_at
        ])?;
        for (position, subject) in row.subjects.iter().enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            subjects.append_row(params![record, key, subject.0, position])?;
        }
    }
    staged.flush()?;
    subjects.flush()?;
    drop((staged, subjects));
    merge(conn, tally)
}

fn merge(conn: &Connection, tally: &mut Tally) -> Outcome<()> {
    let mut statement = conn.prepare(include_str!("record_compare.sql"))?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let record: String = row.get(0)?;
        tally.added(&record, row.get(1)?);
        tally.changed(&record, row.get(2)?);
        let newest: Option<i64> = row.get(3)?;
        tally.touch(record::kind(&record), newest.unwrap_or(NEVER));
    }
    drop(found);
    conn.execute(include_str!("record_subject_drop.sql"), [])?;
    conn.execute(include_str!("record_drop.sql"), [])?;
    conn.execute(include_str!("record_confirm.sql"), [])?;
    conn.execute(include_str!("record_subject_add.sql"), [])?;
    conn.execute(include_str!("record_add.sql"), [])?;
    conn.execute_batch("TRUNCATE stage_record; TRUNCATE stage_record_subject")?;
    Ok(())
}
