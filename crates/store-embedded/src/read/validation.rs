//! Facts about the store's own condition: its schema against what the migrations make, how series
//! arrive, whose rows are held, and relations without an end.

use std::collections::BTreeMap;

use duckdb::{Connection, named_params, params};
use model::Micros;
use model::fact::{
    CadenceFact, DanglingFact, GapFact, RollupFact, SchemaPart, SchemaPartKind, SchemaReport,
    SeriesConditionFact, TelemetrySubjectFact,
};
use model::kind::RelationKind;

use crate::error::Outcome;
use crate::migration::{MIGRATIONS, applied, checksum_of, migrate};

/// Which of the two stores a part belongs to: the schema of that name, or every other.
const TOPOLOGY: &str = "topology";

/// The schema against the one that the migrations make in an empty database.
pub fn schema(conn: &Connection, store: &str) -> Outcome<SchemaReport> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh, MIGRATIONS)?;
    let mut parts: BTreeMap<(SchemaPartKind, String), (Option<String>, Option<String>)> =
        BTreeMap::new();
    for (key, definition) in catalogue(&fresh)? {
        parts.entry(key).or_default().0 = Some(definition);
    }
    for (key, definition) in catalogue(conn)? {
        parts.entry(key).or_default().1 = Some(definition);
    }
    for one in MIGRATIONS {
        let name = format!("{}.{:04}", one.area, one.number);
        parts.entry((SchemaPartKind::Migration, name)).or_default().0 = Some(checksum_of(one));
    }
    for (area, number, checksum) in applied(conn)? {
        let name = format!("{area}.{number:04}");
        parts.entry((SchemaPartKind::Migration, name)).or_default().1 = Some(checksum);
    }
    let is_ours = |name: &str| {
        let area = name.split('.').next().unwrap_or_default();
        (area == TOPOLOGY) == (store == TOPOLOGY)
    };
    let parts = parts
        .into_iter()
        .filter(|((_, name), _)| is_ours(name))
        .map(|((kind, name), (expected, found))| SchemaPart { kind, name, expected, found })
        .collect();
    Ok(SchemaReport { store: store.to_owned(), parts })
}

/// Tables, columns, indexes and constraints, by kind and name.
fn catalogue(conn: &Connection) -> Outcome<Vec<((SchemaPartKind, String), String)>> {
    let mut statement = conn.prepare(include_str!("validation_schema.sql"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = match row.get::<_, String>(0)?.as_str() {
            "table" => SchemaPartKind::Table,
            "column" => SchemaPartKind::Column,
            "index" => SchemaPartKind::Index,
            _ => SchemaPartKind::Constraint,
        };
        found.push(((kind, row.get(1)?), row.get(2)?));
    }
    Ok(found)
}

/// The condition of each series.
pub fn condition(
    conn: &Connection,
    (from, to): (i64, i64),
    now: Micros,
    limit: usize,
) -> Outcome<Vec<SeriesConditionFact>> {
    let mut statement = conn.prepare(include_str!("validation_condition.sql"))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows =
        statement.query(named_params! {"from": from, "to": to, "now": now.0, "limit": limit})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(SeriesConditionFact {
            source: row.get(0)?,
            metric: row.get(1)?,
            signal: row.get(2)?,
            is_counter: row.get(3)?,
            subject: row.get(4)?,
            labels: row.get(5)?,
            samples: row.get(6)?,
            last: Micros(row.get(7)?),
            repeated: row.get(8)?,
            future: row.get(9)?,
            falls: row.get(10)?,
            min: row.get(11)?,
            mean: row.get(12)?,
            max: row.get(13)?,
            distinct: row.get(14)?,
            last_change: row.get::<_, Option<i64>>(15)?.map(Micros),
            unchanged: row.get(16)?,
            fingerprint: row.get(17)?,
        });
    }
    Ok(found)
}

/// How samples arrive.
pub fn cadence(conn: &Connection, (from, to): (i64, i64)) -> Outcome<Vec<CadenceFact>> {
    let mut statement = conn.prepare(include_str!("validation_cadence.sql"))?;
    let mut rows = statement.query(named_params! {"from": from, "to": to})?;
    let mut found: Vec<CadenceFact> = Vec::new();
    while let Some(row) = rows.next()? {
        let (source, metric): (String, String) = (row.get(0)?, row.get(1)?);
        let is_same = |one: &&mut CadenceFact| one.source == source && one.metric == metric;
        let gap = match row.get::<_, Option<i64>>(7)? {
            None => None,
            Some(from) => {
                Some(GapFact { from: Micros(from), to: Micros(row.get(8)?), spacing: row.get(9)? })
            }
        };
        if let Some(fact) = found.last_mut().filter(is_same) {
            fact.gaps.extend(gap);
            continue;
        }
        found.push(CadenceFact {
            source,
            metric,
            instants: row.get(2)?,
            first: Micros(row.get(3)?),
            last: Micros(row.get(4)?),
            spacing: row.get(5)?,
            spacing_high: row.get(6)?,
            gaps: gap.into_iter().collect(),
        });
    }
    Ok(found)
}

/// Whose series and calls are held.
pub fn subjects(conn: &Connection) -> Outcome<Vec<TelemetrySubjectFact>> {
    let mut statement = conn.prepare(include_str!("validation_subjects.sql"))?;
    let rows = statement.query_map([], |row| {
        Ok(TelemetrySubjectFact {
            source: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            name: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The rollups of whole hours against their samples.
pub fn rollups(conn: &Connection, (from, to): (i64, i64)) -> Outcome<RollupFact> {
    let whole = |instant: i64| Micros(instant).floor_to(Micros::HOUR).0;
    let from = whole(from.saturating_add(Micros::HOUR - 1));
    let mut statement = conn.prepare(include_str!("validation_rollups.sql"))?;
    Ok(statement.query_row(named_params! {"from": from, "to": whole(to)}, |row| {
        Ok(RollupFact { hours: row.get(0)?, dirty: row.get(1)?, wrong: row.get(2)? })
    })?)
}

/// Relations without an end, and how many there are.
pub fn dangling(conn: &Connection, limit: usize) -> Outcome<(Vec<DanglingFact>, u64)> {
    let mut statement = conn.prepare(include_str!("validation_dangling.sql"))?;
    let mut rows = statement.query(params![i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let (mut found, mut total) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        total = row.get(4)?;
        let kind = RelationKind::from_code(row.get(1)?);
        found.push(DanglingFact {
            from: row.get(0)?,
            kind: kind.map_or("unknown", RelationKind::as_str).to_owned(),
            to: row.get(2)?,
            source: row.get(3)?,
        });
    }
    Ok((found, total))
}
