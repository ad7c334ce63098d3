//! The last sequence that each store applied, by journal: written in the same transaction as the rows,
//! so that a batch that is replayed changes nothing.

use duckdb::{Connection, params};
use model::resolution::Sequence;

use crate::error::Outcome;

/// Whether `store` holds this sequence already.
pub fn is_known(connection: &Connection, store: &str, sequence: &Sequence) -> Outcome<bool> {
    let held = connection.query_row(
        "SELECT coalesce(max(number), 0) FROM sequence WHERE journal = ? AND store = ?",
        params![sequence.journal, store],
        |row| row.get::<_, u64>(0),
    )?;
    Ok(held >= sequence.number)
}

/// Records that `store` holds everything up to this sequence.
pub fn record(connection: &Connection, store: &str, sequence: &Sequence) -> Outcome<()> {
    connection.execute(
        "INSERT INTO sequence (journal, store, number) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET number = greatest(number, excluded.number)",
        params![sequence.journal, store, sequence.number],
    )?;
    Ok(())
}

/// The last of each journal that `store` holds, in order of journal.
pub fn all(connection: &Connection, store: &str) -> Outcome<Vec<Sequence>> {
    let mut statement = connection
        .prepare("SELECT journal, number FROM sequence WHERE store = ? ORDER BY journal")?;
    let rows = statement.query_map(params![store], |row| {
        Ok(Sequence { journal: row.get(0)?, number: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
