//! Numbered forward migrations of the graph's schema: never edited, safe to run again and by several
//! replicas at once, because each statement asks whether it is done.

use std::collections::HashMap;
use std::sync::Arc;

use model::error::{StoreError, StoreResult};
use neo4j::ValueSend;

use super::connection::{Access, Connections, Parameters, Terms};

/// Every migration: number, name, statements.
pub const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "graph", include_str!("migration/0001_graph.cypher"))];

/// Oldest version with dynamic labels and types, which the writing needs.
const VERSION_MIN: (u32, u32) = (5, 26);

/// Brings the schema to the newest number.
///
/// # Errors
/// `Incompatible` when the server is too old or its schema is of a newer program.
pub async fn migrate(connections: &Arc<Connections>) -> StoreResult<()> {
    check_version(&connections.server().await?)?;
    let newest = MIGRATIONS.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    let found = run(connections, include_str!("migration/newest.cypher"), None).await?;
    if found > newest {
        return Err(StoreError::Incompatible {
            found: format!("{found}, written by a newer program; start that one"),
            supported: newest.to_string(),
        });
    }
    for (number, name, text) in MIGRATIONS.iter().filter(|(number, ..)| *number > found) {
        for statement in statements(text) {
            run(connections, statement, None).await?;
        }
        let parameters = HashMap::from([
            ("number".to_owned(), ValueSend::Integer(*number)),
            ("name".to_owned(), ValueSend::from(*name)),
        ]);
        run(connections, include_str!("migration/record.cypher"), Some(parameters)).await?;
    }
    Ok(())
}

/// Runs one statement; gives the number that it returns, 0 for none.
async fn run(
    connections: &Arc<Connections>,
    statement: &'static str,
    parameters: Option<Parameters>,
) -> StoreResult<i64> {
    let terms = Terms {
        operation: "migrate the graph",
        access: Access::Write,
        time: connections.options.write_time,
        deadline: None,
    };
    let parameters = parameters.unwrap_or_default();
    connections
        .run(terms, move |tx| tx.number(statement, &parameters), |found| found.unwrap_or(0))
        .await
}

/// The statements of a file, each ended by a semicolon at the end of a line.
pub fn statements(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(";\n").map(str::trim).filter(|one| !one.is_empty())
}

fn check_version(agent: &str) -> StoreResult<()> {
    let version = agent.split('/').next_back().unwrap_or(agent);
    let mut parts = version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found >= VERSION_MIN {
        return Ok(());
    }
    Err(StoreError::Incompatible {
        found: format!("{agent}; upgrade the server"),
        supported: format!("Neo4j {}.{} and later", VERSION_MIN.0, VERSION_MIN.1),
    })
}
