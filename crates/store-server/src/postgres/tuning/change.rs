//! Indexes made and dropped while others write: one at a time outside a transaction, partition by partition
//! where a table has them. What a broken attempt left behind is dropped and made again.

use std::time::Duration;

use model::error::{StoreError, StoreResult};
use model::fact::{TuningChange, TuningSteps};
use tokio_postgres::Client;

use crate::postgres::connection::Session;
use crate::postgres::error::{Outcome, STORE, driver_can_pass, store_error};
use crate::postgres::statement::{Statement, statement};

const PARTS: Statement = statement!("optimization_part");
const DEFINITION: Statement = statement!("optimization_definition");
/// Names of indexes that cannot be used.
const INVALID: &str = include_str!("optimization_invalid.sql");

/// How often an index is begun.
const ATTEMPTS_MAX: usize = 5;
/// Pause before it is begun again.
const PAUSE: Duration = Duration::from_millis(500);
/// Longest name of an index.
const NAME_MAX: usize = 63;

const MAKE: &str = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ";

/// What a change would run.
pub async fn steps(session: &Session, change: &TuningChange) -> Outcome<TuningSteps> {
    match change {
        TuningChange::IndexCreate { table, columns, known } => {
            let (name, head, tail) = match known {
                Some(known) => split(&known.definition, &known.name, table),
                None => {
                    let columns: Vec<String> = columns.iter().map(|one| quoted(one)).collect();
                    let name = name_of(table, &columns);
                    (name, quoted(table), format!("({})", columns.join(", ")))
                }
            };
            let row = session.rows(PARTS, &[("table", table)]).await?;
            let row = row.first().ok_or_else(|| StoreError::NotFound { what: table.clone() })?;
            let (kind, parts): (String, Vec<String>) = (row.try_get(0)?, row.try_get(1)?);
            Ok(match kind.as_str() {
                "p" => partitioned(&name, &head, &tail, &parts),
                // Chunks of a hypertable inherit from it; it is no partitioned table.
                _ if !parts.is_empty() => hypertable(&name, &head, &tail),
                _ => TuningSteps {
                    statements: vec![format!("{MAKE}{name} ON {head} {tail}")],
                    undo: vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")],
                },
            })
        }
        TuningChange::IndexDrop { name, .. } => {
            let row = session.rows(DEFINITION, &[("name", name)]).await?;
            let row = row.first().ok_or_else(|| StoreError::NotFound { what: name.clone() })?;
            let (definition, is_partitioned): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
            let how = if is_partitioned { "" } else { "CONCURRENTLY " };
            let made = match is_partitioned {
                // `ONLY` would leave out the partitions.
                true => definition.replacen(" ON ONLY ", " ON ", 1),
                false => definition.replacen("CREATE INDEX ", MAKE, 1),
            };
            let statements = vec![format!("DROP INDEX {how}IF EXISTS {}", quoted(name))];
            Ok(TuningSteps { statements, undo: vec![made] })
        }
        TuningChange::Analyze { table } => Ok(TuningSteps {
            statements: vec![format!("ANALYZE {}", quoted(table))],
            undo: Vec::new(),
        }),
    }
}

/// Name, table and the rest of a definition of this program's schema.
fn split(definition: &str, name: &str, table: &str) -> (String, String, String) {
    let rest = definition.split_once(" ON ").map_or(definition, |(_, rest)| rest);
    let at = rest.find([' ', '(']).unwrap_or(rest.len());
    let (found, tail) = rest.split_at(at);
    let head = if found.is_empty() { quoted(table) } else { found.to_owned() };
    (quoted(name), head, tail.trim().to_owned())
}

fn partitioned(name: &str, head: &str, tail: &str, parts: &[String]) -> TuningSteps {
    let mut statements = vec![format!("CREATE INDEX IF NOT EXISTS {name} ON ONLY {head} {tail}")];
    for part in parts {
        let own = name_of(part, &[name.to_owned()]);
        statements.push(format!("{MAKE}{own} ON {} {tail}", quoted(part)));
        statements.push(format!("ALTER INDEX {name} ATTACH PARTITION {own}"));
    }
    TuningSteps { statements, undo: vec![format!("DROP INDEX IF EXISTS {name}")] }
}

fn hypertable(name: &str, head: &str, tail: &str) -> TuningSteps {
    let (tail, condition) = match tail.split_once(" WHERE ") {
        Some((tail, condition)) => (tail, format!(" WHERE {condition}")),
        None => (tail, String::new()),
    };
    let with = "WITH (timescaledb.transaction_per_chunk)";
    TuningSteps {
        statements: vec![format!(
            "CREATE INDEX IF NOT EXISTS {name} ON {head} {tail} {with}{condition}"
        )],
        undo: vec![format!("DROP INDEX IF EXISTS {name}")],
    }
}

/// A name from a table and columns, short enough for the server.
fn name_of(table: &str, columns: &[String]) -> String {
    let letter = |one: char| if one.is_ascii_alphanumeric() { one } else { '_' };
    let whole: String = format!("{table}_{}", columns.join("_")).chars().map(letter).collect();
    let end = format!("_{:08x}_tuned", xxhash_rust::xxh3::xxh3_64(whole.as_bytes()) as u32);
    let most = NAME_MAX - end.len();
    format!("{}{end}", whole.chars().take(most).collect::<String>().to_lowercase())
}

fn quoted(name: &str) -> String {
    let is_plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
    match name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Runs each statement on its own.
pub async fn run(client: &Client, statements: &[String]) -> StoreResult<()> {
    for statement in statements {
        match statement.strip_prefix(MAKE) {
            Some(rest) => {
                let name = rest.split(' ').next().unwrap_or_default();
                make(client, statement, name).await?;
            }
            None => {
                let done = client.batch_execute(statement).await;
                done.map_err(|error| store_error("change the schema", error.into()))?;
            }
        }
    }
    Ok(())
}

/// Makes an index beside running writes.
async fn make(client: &Client, statement: &str, name: &str) -> StoreResult<()> {
    let mut refusal = None;
    for _ in 0..ATTEMPTS_MAX {
        drop_invalid(client, name).await?;
        match client.batch_execute(statement).await {
            Ok(()) => {
                if !is_invalid(client, name).await? {
                    return Ok(());
                }
            }
            Err(error) => {
                // It takes space and time of every write, and serves nobody.
                drop_invalid(client, name).await?;
                if !driver_can_pass(&error) {
                    return Err(store_error("make an index", error.into()));
                }
                refusal = Some(error);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(match refusal {
        Some(error) => store_error("make an index", error.into()),
        None => StoreError::Internal {
            operation: format!("make the index {name}"),
            reason: format!("{STORE} left it unfinished {ATTEMPTS_MAX} times"),
        },
    })
}

async fn is_invalid(client: &Client, name: &str) -> StoreResult<bool> {
    let name = name.trim_matches('"');
    let found = client.query_opt(INVALID, &[&name]).await;
    found.map(|row| row.is_some()).map_err(|error| store_error("look at an index", error.into()))
}

async fn drop_invalid(client: &Client, name: &str) -> StoreResult<()> {
    if is_invalid(client, name).await? {
        let statement = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
        let dropped = client.batch_execute(&statement).await;
        dropped.map_err(|error| store_error("drop an unfinished index", error.into()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_get_theirs_one_by_one_and_are_attached() {
        let steps = partitioned("a_b", "a", "(b)", &["a_1".to_owned(), "a_2".to_owned()]);
        assert_eq!(steps.statements.len(), 5);
        assert!(steps.statements[0].contains("ON ONLY a (b)"), "{steps:?}");
        assert!(steps.statements[1].starts_with(MAKE), "{steps:?}");
        assert!(steps.statements[2].starts_with("ALTER INDEX a_b ATTACH PARTITION "), "{steps:?}");
    }

    #[test]
    fn a_hypertable_gets_one_transaction_a_chunk() {
        let steps = hypertable("a_b", "a", "(b) WHERE b > 1");
        let expected = "CREATE INDEX IF NOT EXISTS a_b ON a (b) \
                        WITH (timescaledb.transaction_per_chunk) WHERE b > 1";
        assert_eq!(steps.statements, [expected]);
    }

    #[test]
    fn names_are_short_and_of_their_table() {
        let long = vec!["column_with_a_long_name".to_owned(); 4];
        let name = name_of("edge_minute", &long);
        assert!(name.len() <= NAME_MAX && name.starts_with("edge_minute_"), "{name}");
        assert_ne!(name, name_of("edge_minute", &long[..3]));
    }
}
