//! Subjects: whom rows are of, with what grouping, scope and top-N need.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use model::resolution::SubjectWrite;

use crate::error::Outcome;
use crate::telemetry::state::State;

/// Puts subjects in; those that stood for a written one follow it.
pub fn write(conn: &Connection, state: &mut State, subjects: &[SubjectWrite]) -> Outcome<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let latest: BTreeMap<u64, &SubjectWrite> =
        subjects.iter().map(|subject| (subject.id.0, subject)).collect();
    let mut rows = stage(conn, "stage_subject")?;
    for subject in latest.values() {
        let scope = &subject.scope;
        rows.append_row(params![
            subject.id.0,
            subject.entity.0,
            subject.canonical.as_str(),
            subject.kind.as_str(),
            subject.name,
            scope.account,
            scope.region,
            scope.zone,
            scope.cluster,
            scope.namespace,
            scope.environment,
            subject.owner,
            subject.application,
        ])?;
    }
    rows.flush()?;
    drop(rows);
    conn.execute_batch(include_str!("subject_merge.sql"))?;
    for (id, subject) in latest {
        let entity = subject.entity.0;
        let followers: Vec<u64> = state.followers(id);
        state.redirect(id, entity);
        for follower in followers {
            state.redirect(follower, entity);
        }
    }
    Ok(())
}

/// Appends rows to a table of one transaction.
pub fn stage<'a>(conn: &'a Connection, table: &str) -> Outcome<duckdb::Appender<'a>> {
    Ok(conn.appender_to_catalog_and_db(table, "temp", "main")?)
}
