//! Facts kept as one row a key, with whom they are of.

use std::collections::HashMap;

use duckdb::{Connection, Row, named_params};
use model::fact::{RecordFact, RecordQuery, SubjectFact};
use model::kind::EntityKind;
use model::seam::ReadContext;
use model::{EntityId, Micros, StoreError};

use super::cost_analysis::org;
use super::system_metrics::scope_from_row;
use crate::error::{Failure, Outcome, STORE};
use crate::recorded::cached;

/// Most records that one read gives.
const RECORDS_MAX: usize = 500_000;

/// Records of one kind, in order of instant and key.
pub fn rows(
    conn: &Connection,
    ctx: &ReadContext,
    query: RecordQuery,
) -> Outcome<Vec<RecordFact<String>>> {
    let record = query.record.as_str();
    let window = query.window.map(|window| window.micros());
    let parameters = named_params! {
        "record": record,
        "from": window.map(|(from, _)| from.0),
        "to": window.map(|(_, to)| to.0),
        "until": ctx.as_of.map_or(i64::MAX, |at| at.0),
        "org": org(ctx),
        "limit": RECORDS_MAX as i64 + 1,
    };
    let mut statement = cached(conn, "records", include_str!("records.sql"), parameters)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.len() == RECORDS_MAX {
            return Err(StoreError::Exhausted {
                store: STORE.to_owned(),
                resource: format!("records of kind {record} in one read"),
                limit: RECORDS_MAX.to_string(),
            }
            .into());
        }
        found.push(RecordFact {
            key: row.get(0)?,
            source: row.get(1)?,
            observed_at: Micros(row.get(2)?),
            subjects: Vec::new(),
            body: row.get(3)?,
        });
    }
    if !found.is_empty() {
        let mut subjects = subjects(conn, record)?;
        for one in &mut found {
            one.subjects = subjects.remove(&one.key).unwrap_or_default();
        }
    }
    Ok(found)
}

/// Whom the records of one kind are of, by key.
fn subjects(conn: &Connection, record: &str) -> Outcome<HashMap<String, Vec<SubjectFact>>> {
    let parameters = named_params! {"record": record};
    let sql = include_str!("records_subjects.sql");
    let mut statement = cached(conn, "records_subjects", sql, parameters)?;
    let mut rows = statement.query(parameters)?;
    let mut found: HashMap<String, Vec<SubjectFact>> = HashMap::new();
    while let Some(row) = rows.next()? {
        found.entry(row.get(0)?).or_default().push(subject(row)?);
    }
    Ok(found)
}

fn subject(row: &Row<'_>) -> Outcome<SubjectFact> {
    let kind: String = row.get(3)?;
    Ok(SubjectFact {
        entity: EntityId(row.get(1)?),
        id: row.get(2)?,
        kind: kind.parse::<EntityKind>().map_err(Failure::Row)?,
        name: row.get(4)?,
        scope: scope_from_row(row, 5)?,
        owner: row.get(11)?,
        application: row.get(12)?,
    })
}
