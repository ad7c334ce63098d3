//! Reads over records: events of one entity, and how much there is of each kind of data.

use model::fact::{DataPresence, EventFact};
use model::{EntityId, Micros};
use tokio_postgres::Row;

use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, statement};

const EVENTS: Statement = statement!("events");
const PRESENCE: Statement = statement!("presence");

/// Most events that one read gives.
const EVENTS_MAX: usize = 5_000;

/// Incidents, changes and findings of one entity, newest first.
pub async fn of_entity(
    session: &Session,
    entity: EntityId,
    until: i64,
    limit: usize,
) -> Outcome<Vec<EventFact>> {
    let (entity, limit) = (entity.0 as i64, limit.min(EVENTS_MAX) as i64);
    let parameters: [Parameter<'_>; 3] =
        [("entity", &entity), ("until", &until), ("limit", &limit)];
    session.rows(EVENTS, &parameters).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Outcome<EventFact> {
    let instant = |at: Option<i64>| at.map(|at| Micros(at).timestamp());
    Ok(EventFact {
        event: row.try_get(0)?,
        external_id: row.try_get(1)?,
        source: row.try_get(2)?,
        kind: row.try_get(3)?,
        title: row.try_get(4)?,
        status: row.try_get(5)?,
        at: instant(row.try_get(6)?),
        ended_at: instant(row.try_get(7)?),
        count: count(row, 8)?,
    })
}

/// How much there is of each kind of data, up to an instant.
pub async fn presence(session: &Session, until: i64) -> Outcome<Vec<DataPresence>> {
    let rows = session.rows(PRESENCE, &[("until", &until)]).await?;
    let instant = |at: Option<i64>| at.map(|at| Micros(at).timestamp());
    rows.iter()
        .map(|row| {
            Ok(DataPresence {
                data: row.try_get(0)?,
                rows: count(row, 1)?,
                first: instant(row.try_get(2)?),
                last: instant(row.try_get(3)?),
            })
        })
        .collect()
}
