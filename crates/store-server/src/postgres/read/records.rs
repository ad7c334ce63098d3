//! Facts kept as one row a key, with whom they are of.

use std::collections::HashMap;

use model::fact::{RecordFact, RecordQuery, SubjectFact};
use model::kind::EntityKind;
use model::seam::ReadContext;
use model::{Micros, StoreError};
use tokio_postgres::Row;

use super::row::{entity, org, scope};
use crate::postgres::connection::Session;
use crate::postgres::error::{Failure, Outcome, STORE};
use crate::postgres::number::texts;
use crate::postgres::statement::{Parameter, Statement, shared_statement, statement};

const RECORDS: Statement = statement!("records");
const SUBJECTS: Statement = shared_statement!("read/records_subjects");

/// Most records that one read gives.
const RECORDS_MAX: usize = 500_000;

/// Records of one kind, in order of instant and key.
pub async fn rows(
    session: &Session,
    ctx: &ReadContext,
    query: RecordQuery,
) -> Outcome<Vec<RecordFact<String>>> {
    let record = query.record.as_str();
    let window = query.window.map(|window| window.micros());
    let (from, to) = (window.map(|(from, _)| from.0), window.map(|(_, to)| to.0));
    let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
    let (units, limit) = (org(ctx), RECORDS_MAX as i64 + 1);
    let units = texts(&units);
    let parameters: [Parameter<'_>; 6] = [
        ("record", &record),
        ("from", &from),
        ("to", &to),
        ("until", &until),
        ("org", &units),
        ("limit", &limit),
    ];
    let rows = session.rows(RECORDS, &parameters).await?;
    if rows.len() > RECORDS_MAX {
        return Err(StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: format!("records of kind {record} in one read"),
            limit: RECORDS_MAX.to_string(),
        }
        .into());
    }
    let mut subjects = match rows.is_empty() {
        true => HashMap::new(),
        false => subjects(session, record).await?,
    };
    rows.iter()
        .map(|row| {
            let key: String = row.try_get(0)?;
            let subjects = subjects.remove(&key).unwrap_or_default();
            let (source, body) = (row.try_get(1)?, row.try_get(3)?);
            let observed_at = Micros(row.try_get(2)?);
            Ok(RecordFact { key, source, observed_at, subjects, body })
        })
        .collect()
}

/// Whom the records of one kind are of, by key.
async fn subjects(session: &Session, record: &str) -> Outcome<HashMap<String, Vec<SubjectFact>>> {
    let mut found: HashMap<String, Vec<SubjectFact>> = HashMap::new();
    for row in session.rows(SUBJECTS, &[("record", &record)]).await? {
        found.entry(row.try_get(0)?).or_default().push(subject(&row)?);
    }
    Ok(found)
}

fn subject(row: &Row) -> Outcome<SubjectFact> {
    let kind: &str = row.try_get(3)?;
    Ok(SubjectFact {
        entity: entity(row, 1)?,
        id: row.try_get(2)?,
        kind: kind.parse::<EntityKind>().map_err(Failure::Row)?,
        name: row.try_get(4)?,
        scope: scope(row, 5)?,
        owner: row.try_get(11)?,
        application: row.try_get(12)?,
    })
}
