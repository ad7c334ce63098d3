//! Subjects: whom rows are of, with what grouping, scope and top-N need.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use duckdb::Connection;
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
    let rows: Vec<&SubjectWrite> = latest.values().copied().collect();
    let mut staged = stage(conn, "stage_subject")?;
    staged.append_record_batch(columns(&rows)?)?;
    staged.flush()?;
    drop(staged);
    // Both read every subject there is, which a first load must not pay for with each batch.
    if latest.keys().any(|id| state.followers.get(id).is_some_and(|all| !all.is_empty())) {
        conn.execute_batch(include_str!("subject_follow.sql"))?;
    }
    if latest.keys().any(|id| *id <= state.subject_max) {
        conn.execute_batch(include_str!("subject_drop.sql"))?;
    }
    conn.execute_batch(include_str!("subject_merge.sql"))?;
    state.subject_max = state.subject_max.max(latest.keys().last().copied().unwrap_or(0));
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

/// The rows by columns, in the order of the stage's: each value by itself would cost a call.
fn columns(rows: &[&SubjectWrite]) -> Outcome<RecordBatch> {
    let numbers = |of: fn(&SubjectWrite) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| of(row))))
    };
    let texts = |of: fn(&SubjectWrite) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| of(row))))
    };
    let maybe = |of: fn(&SubjectWrite) -> Option<&str>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row)).collect::<StringArray>())
    };
    Ok(RecordBatch::try_from_iter([
        ("id", numbers(|one| one.id.0)),
        ("entity", numbers(|one| one.entity.0)),
        ("canonical", texts(|one| one.canonical.as_str())),
        ("kind", texts(|one| one.kind.as_str())),
        ("name", texts(|one| &one.name)),
        ("account", maybe(|one| one.scope.account.as_deref())),
        ("region", maybe(|one| one.scope.region.as_deref())),
        ("zone", maybe(|one| one.scope.zone.as_deref())),
        ("cluster", maybe(|one| one.scope.cluster.as_deref())),
        ("namespace", maybe(|one| one.scope.namespace.as_deref())),
        ("environment", maybe(|one| one.scope.environment.as_deref())),
        ("owner", maybe(|one| one.owner.as_deref())),
        ("application", maybe(|one| one.application.as_deref())),
    ])?)
}

/// Appends rows to a table of one transaction.
pub fn stage<'a>(conn: &'a Connection, table: &str) -> Outcome<duckdb::Appender<'a>> {
    Ok(conn.appender_to_catalog_and_db(table, "temp", "main")?)
}
