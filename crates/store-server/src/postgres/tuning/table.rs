//! Tables and indexes as the catalogue has them, and what the program's own schema has beside.

use std::collections::BTreeMap;

use model::Micros;
use model::fact::{IndexFact, TableFact, TableReport};
use tokio_postgres::Row;

use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::migration::MIGRATIONS;
use crate::postgres::statement::{Statement, statement};

const TABLES: Statement = statement!("optimization_table");
const INDEXES: Statement = statement!("optimization_index");
const DATABASE: Statement = statement!("optimization_database");
const CHUNKS: Statement = statement!("optimization_chunk");
const ROOTS: Statement = statement!("optimization_root");

/// What each partition is of, by its name.
pub async fn roots(session: &Session) -> Outcome<BTreeMap<String, String>> {
    let rows = session.rows(ROOTS, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Everything.
pub async fn report(session: &Session) -> Outcome<TableReport> {
    let database = session.row(DATABASE, &[]).await?;
    let since: Option<i64> = database.try_get(1)?;
    let (replicas, has_timescale): (i64, bool) = (database.try_get(2)?, database.try_get(3)?);
    let rows = session.rows(TABLES, &[]).await?;
    let mut tables = rows.iter().map(table).collect::<Outcome<Vec<_>>>()?;
    if has_timescale {
        for row in session.rows(CHUNKS, &[]).await? {
            let name: String = row.try_get(0)?;
            let (parts, compressed): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            if let Some(table) = tables.iter_mut().find(|one| one.name == name) {
                table.parts = u64::try_from(parts).ok();
                table.compressed = (parts > 0).then(|| compressed as f64 / parts as f64);
            }
        }
    }
    let rows = session.rows(INDEXES, &[]).await?;
    let indexes = rows.iter().map(index).collect::<Outcome<Vec<_>>>()?;
    Ok(TableReport {
        store: "postgresql".to_owned(),
        missing: missing(&indexes),
        tables,
        indexes,
        // A replica counts for itself: what nobody uses here may be used there.
        counted_since: since.filter(|_| replicas == 0).map(|at| Micros(at).timestamp()),
        bytes: database.try_get::<_, i64>(0).ok().and_then(|bytes| u64::try_from(bytes).ok()),
        bytes_max: None,
    })
}

fn table(row: &Row) -> Outcome<TableFact> {
    let number = |place: usize| -> Outcome<Option<u64>> {
        let found: Option<i64> = row.try_get(place)?;
        Ok(found.and_then(|found| u64::try_from(found).ok()))
    };
    Ok(TableFact {
        name: row.try_get(0)?,
        rows: number(1)?,
        bytes: number(2)?,
        index_bytes: number(3)?,
        dead_rows: number(4)?,
        rows_written: number(5)?,
        scans: number(6)?,
        index_scans: number(7)?,
        cache_hit: row.try_get(8)?,
        has_statistics: row.try_get(9)?,
        parts: number(10)?,
        compressed: None,
        sort_key: None,
    })
}

fn index(row: &Row) -> Outcome<IndexFact> {
    let number = |place: usize| -> Outcome<Option<u64>> {
        let found: Option<i64> = row.try_get(place)?;
        Ok(found.and_then(|found| u64::try_from(found).ok()))
    };
    Ok(IndexFact {
        table: row.try_get(0)?,
        name: row.try_get(1)?,
        columns: row.try_get(2)?,
        method: row.try_get(3)?,
        predicate: row.try_get(4)?,
        definition: row.try_get(5)?,
        is_unique: row.try_get(6)?,
        is_constraint: row.try_get(7)?,
        is_valid: row.try_get(8)?,
        scans: number(9)?,
        bytes: number(10)?,
    })
}

/// Indexes of this program's schema that are not there, or cannot be used.
fn missing(found: &[IndexFact]) -> Vec<IndexFact> {
    let is_there = |one: &IndexFact| {
        let is_same = |held: &IndexFact| {
            held.name == one.name
                || (held.table == one.table
                    && held.columns == one.columns
                    && held.method == one.method)
        };
        found.iter().any(|held| held.is_valid && is_same(held))
    };
    let mut expected = expected();
    expected.retain(|one| !is_there(one));
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    expected
}

/// The indexes that the migrations make, read from their text: `CREATE INDEX name ON table …;`.
fn expected() -> Vec<IndexFact> {
    let mut found = Vec::new();
    for migration in MIGRATIONS {
        for statement in migration.sql.split(';') {
            let lines = statement.lines().filter(|line| !line.trim_start().starts_with("--"));
            let text = lines.collect::<Vec<_>>().join(" ");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.extend(index_from_definition(&words));
        }
    }
    found
}

fn index_from_definition(text: &str) -> Option<IndexFact> {
    let rest = text.strip_prefix("CREATE INDEX ")?;
    let (name, rest) = rest.split_once(" ON ")?;
    let (head, rest) = rest.split_once('(')?;
    let (columns, rest) = rest.split_once(')')?;
    let (table, method) = head.split_once(" USING ").unwrap_or((head, "btree"));
    let table = table.trim().rsplit('.').next().unwrap_or_default();
    Some(IndexFact {
        name: name.to_owned(),
        table: table.to_owned(),
        columns: columns.split(',').map(|column| column.trim().to_owned()).collect(),
        method: method.trim().to_owned(),
        predicate: rest.trim().strip_prefix("WHERE ").map(str::to_owned),
        definition: text.to_owned(),
        is_valid: true,
        ..IndexFact::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_indexes_are_known_by_their_columns() {
        let all = expected();
        assert!(all.len() >= 8, "{}", all.len());
        let one = all.iter().find(|one| one.name == "edge_minute_key").unwrap();
        assert_eq!(one.columns, ["client", "server", "instant"]);
        assert_eq!(one.predicate.as_deref(), Some("origin <> ''"));
        let one = all.iter().find(|one| one.name == "intake_content").unwrap();
        assert_eq!((one.table.as_str(), one.method.as_str()), ("intake", "hash"));
    }
}
