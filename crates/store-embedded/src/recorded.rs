//! Statements that are taken down as they run: name, time, and text with its values written in. A thread of
//! the store says once where to; elsewhere nothing is kept.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use duckdb::types::{ToSqlOutput, Value};
use duckdb::{CachedStatement, Connection, Statement, ToSql};
use model::workload::{WorkloadKind, WorkloadParameter, WorkloadRecorder};

use crate::error::Outcome;

thread_local! {
    static RECORDER: RefCell<Option<Arc<WorkloadRecorder>>> = const { RefCell::new(None) };
}

/// Takes down what this thread runs from now on.
pub fn record_here(recorder: Arc<WorkloadRecorder>) {
    RECORDER.with(|held| *held.borrow_mut() = Some(recorder));
}

/// A write of this thread ended; it is many statements and appenders, and has no one plan.
pub fn wrote(operation: &'static str, took: Duration, is_done: bool) {
    let rows = is_done.then_some(0);
    ran(operation, WorkloadKind::Unplanned, took, rows, || (String::new(), Vec::new()));
}

fn ran(
    name: &'static str,
    kind: WorkloadKind,
    took: Duration,
    rows: Option<u64>,
    sample: impl FnOnce() -> (String, Vec<WorkloadParameter>),
) {
    RECORDER.with(|held| {
        if let Some(recorder) = held.borrow().as_ref() {
            recorder.ran(name, kind, took, rows, sample);
        }
    });
}

/// A statement that is taken down when it is dropped, after its rows were read.
pub struct Recorded<S> {
    statement: S,
    name: &'static str,
    text: String,
    parameters: Vec<WorkloadParameter>,
    begun: Instant,
}

impl<S> Deref for Recorded<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.statement
    }
}

impl<S> DerefMut for Recorded<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.statement
    }
}

impl<S> Drop for Recorded<S> {
    fn drop(&mut self) {
        let sample = || (std::mem::take(&mut self.text), std::mem::take(&mut self.parameters));
        ran(self.name, WorkloadKind::Read, self.begun.elapsed(), Some(0), sample);
    }
}

/// A statement whose values stand in its text.
pub fn prepared<'conn>(
    conn: &'conn Connection,
    name: &'static str,
    sql: &str,
) -> Outcome<Recorded<Statement<'conn>>> {
    let begun = Instant::now();
    let statement = conn.prepare(sql)?;
    Ok(Recorded { statement, name, text: sql.to_owned(), parameters: Vec::new(), begun })
}

/// A statement that is planned once, with the parameters of this run.
pub fn cached<'conn>(
    conn: &'conn Connection,
    name: &'static str,
    sql: &str,
    parameters: &[(&str, &dyn ToSql)],
) -> Outcome<Recorded<CachedStatement<'conn>>> {
    let begun = Instant::now();
    let statement = conn.prepare_cached(sql)?;
    let spelt = parameters.iter().map(|(name, value)| {
        let name = name.trim_start_matches('$').to_owned();
        Some(WorkloadParameter { name, value: literal(*value)? })
    });
    let (text, parameters) = match spelt.collect::<Option<Vec<_>>>() {
        Some(parameters) => (sql.to_owned(), parameters),
        None => (String::new(), Vec::new()),
    };
    Ok(Recorded { statement, name, text, parameters, begun })
}

/// A value as SQL spells it.
fn literal(value: &dyn ToSql) -> Option<String> {
    let value = match value.to_sql().ok()? {
        ToSqlOutput::Borrowed(value) => value.to_owned(),
        ToSqlOutput::Owned(value) => value,
        _ => return None,
    };
    Some(match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::TinyInt(value) => value.to_string(),
        Value::SmallInt(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::BigInt(value) => format!("CAST({value} AS BIGINT)"),
        Value::UTinyInt(value) => value.to_string(),
        Value::USmallInt(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::UBigInt(value) => format!("CAST({value} AS UBIGINT)"),
        Value::Double(value) => format!("CAST('{value}' AS DOUBLE)"),
        Value::Text(text) => format!("CAST('{}' AS VARCHAR)", text.replace('\'', "''")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_kept_with_its_values_in_its_text() -> Outcome<()> {
        let recorder = Arc::new(WorkloadRecorder::new("embedded"));
        record_here(Arc::clone(&recorder));
        let conn = Connection::open_in_memory()?;
        let parameters = duckdb::named_params! {"name": "it's", "from": i64::MIN};
        {
            let sql = "SELECT $name, $from";
            let mut statement = cached(&conn, "one", sql, parameters)?;
            let text: String = statement.query_row(parameters, |row| row.get(0))?;
            assert_eq!(text, "it's");
        }
        let ran = recorder.take();
        let values: Vec<&str> = ran[0].parameters.iter().map(|one| one.value.as_str()).collect();
        let expected = ["CAST('it''s' AS VARCHAR)", "CAST(-9223372036854775808 AS BIGINT)"];
        assert_eq!((ran[0].name.as_str(), values), ("one", expected.to_vec()));
        Ok(())
    }
}
