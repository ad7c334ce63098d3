//! Reads over records: events of one entity, and how much there is of each kind of data.

use duckdb::{Connection, named_params};
use model::fact::{DataPresence, EventFact};
use model::{EntityId, Micros};

use crate::error::Outcome;

/// Most events that one read gives.
const EVENTS_MAX: usize = 5_000;

/// Incidents, changes and findings of one entity, newest first.
pub fn of_entity(
    conn: &Connection,
    entity: EntityId,
    until: i64,
    limit: usize,
) -> Outcome<Vec<EventFact>> {
    let limit = limit.min(EVENTS_MAX) as i64;
    let mut statement = conn.prepare_cached(include_str!("events.sql"))?;
    let mut rows =
        statement.query(named_params! {"entity": entity.0, "until": until, "limit": limit})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let instant = |at: Option<i64>| at.map(|at| Micros(at).timestamp());
        found.push(EventFact {
            event: row.get(0)?,
            external_id: row.get(1)?,
            source: row.get(2)?,
            kind: row.get(3)?,
            title: row.get(4)?,
            status: row.get(5)?,
            at: instant(row.get(6)?),
            ended_at: instant(row.get(7)?),
            count: row.get(8)?,
        });
    }
    Ok(found)
}

/// How much there is of each kind of data, up to an instant.
pub fn presence(conn: &Connection, until: i64) -> Outcome<Vec<DataPresence>> {
    let mut statement = conn.prepare_cached(include_str!("presence.sql"))?;
    let mut rows = statement.query(named_params! {"until": until})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let instant = |at: Option<i64>| at.map(|at| Micros(at).timestamp());
        found.push(DataPresence {
            data: row.get(0)?,
            rows: row.get(1)?,
            first: instant(row.get(2)?),
            last: instant(row.get(3)?),
        });
    }
    Ok(found)
}
