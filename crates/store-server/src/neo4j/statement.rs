//! The facts of graph questions that a database answers well, as plain Cypher on the graph that the
//! program writes; to be asked by a person, explained by a test and compared with the program's own
//! answers.

use std::sync::Arc;

use model::error::StoreResult;
use neo4j::{ValueReceive, ValueSend};
use serde_json::{Map, Value};

use super::connection::{Access, Connections, Parameters, Terms, Tx};
use super::migration;
use super::options::Neo4jOptions;

/// A cell of a row: what JSON can say; nodes, relationships and times as null.
pub type Cell = Value;

/// A statement by name.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Name: that of its file.
    pub name: &'static str,
    /// Cypher, headed by its question, parameters and the index that it expects.
    pub text: &'static str,
}

macro_rules! statements {
    ($($name:literal),* $(,)?) => {
        &[$(Statement { name: $name, text: include_str!(concat!("read/", $name, ".cypher")) }),*]
    };
}

/// Every statement that reads the graph.
pub const STATEMENTS: &[Statement] = statements![
    "application_architecture_entries",
    "critical_paths_blast",
    "critical_paths_single_replicas",
    "database_connections_clients",
    "entity_history",
    "service_dependencies_callers",
    "service_dependencies_edges",
    "topology_around",
    "topology_counts",
    "topology_relation_counts",
    "write_rows",
];

/// Fills an empty graph with entities: rows of [id, canonical, kind, name, label].
pub const BULK_ENTITIES: &str = include_str!("bulk/entity.cypher");
/// Fills it with relations: rows of [from, to, type, need].
pub const BULK_RELATIONS: &str = include_str!("bulk/relation.cypher");

/// Cypher asked of a server directly, beside the program's own answers.
#[derive(Debug, Clone)]
pub struct Cypher {
    connections: Arc<Connections>,
}

impl Cypher {
    /// Of a server; it is first reached by the first statement, and its schema is left as it is.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(options: Neo4jOptions) -> StoreResult<Self> {
        Ok(Self { connections: Connections::new(options)? })
    }

    /// Brings the server's schema up to date.
    ///
    /// # Errors
    /// As [`super::Neo4j::open`].
    pub async fn migrate(&self) -> StoreResult<()> {
        migration::migrate(&self.connections).await
    }

    /// Over connections that there are.
    pub(super) fn over(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    /// The rows of a statement, read only.
    ///
    /// # Errors
    /// As any read; `Internal` when the server refuses the statement.
    pub async fn ask(
        &self,
        statement: &str,
        parameters: Map<String, Value>,
    ) -> StoreResult<Vec<Vec<Cell>>> {
        self.ask_with(statement, parameters, Access::Read).await
    }

    /// The same for a statement that writes: to fill a graph, never used by the program.
    ///
    /// # Errors
    /// As [`Cypher::ask`].
    pub async fn load(&self, statement: &str, parameters: Map<String, Value>) -> StoreResult<()> {
        self.ask_with(statement, parameters, Access::Write).await.map(|_rows| ())
    }

    /// Kinds of the operators by which a statement would be carried out, as the server explains it.
    ///
    /// # Errors
    /// As [`Cypher::ask`].
    pub async fn explain(
        &self,
        statement: &str,
        parameters: Map<String, Value>,
    ) -> StoreResult<Vec<String>> {
        let statement = statement.to_owned();
        let parameters = sent_all(parameters);
        let work = move |tx: &Tx<'_, '_>| tx.operators(&statement, &parameters);
        self.connections.run(self.terms(Access::Read), work, |operators| operators).await
    }

    /// The server's own mark of its newest commit: it changes with each write, whoever writes.
    ///
    /// # Errors
    /// As any read.
    pub async fn newest_commit(&self) -> StoreResult<String> {
        self.connections.newest_commit().await
    }

    async fn ask_with(
        &self,
        statement: &str,
        parameters: Map<String, Value>,
        access: Access,
    ) -> StoreResult<Vec<Vec<Cell>>> {
        let statement = statement.to_owned();
        let parameters = sent_all(parameters);
        let work = move |tx: &Tx<'_, '_>| {
            let mut rows = Vec::new();
            tx.each(&statement, &parameters, |row| {
                rows.push(row.into_iter().map(cell).collect());
                Ok(())
            })?;
            Ok(rows)
        };
        self.connections.run(self.terms(access), work, |rows| rows).await
    }

    fn terms(&self, access: Access) -> Terms {
        let time = self.connections.options.replay_time;
        Terms { operation: "ask a statement", access, time, deadline: None }
    }
}

fn sent_all(parameters: Map<String, Value>) -> Parameters {
    parameters.into_iter().map(|(name, value)| (name, sent(value))).collect()
}

/// A value as the driver sends it.
pub(super) fn sent(value: Value) -> ValueSend {
    match value {
        Value::Null => ValueSend::Null,
        Value::Bool(value) => value.into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().into(),
        },
        Value::String(text) => text.into(),
        Value::Array(all) => ValueSend::List(all.into_iter().map(sent).collect()),
        Value::Object(all) => {
            ValueSend::Map(all.into_iter().map(|(name, value)| (name, sent(value))).collect())
        }
    }
}

/// A value as it came.
pub(super) fn cell(value: ValueReceive) -> Cell {
    match value {
        ValueReceive::Boolean(value) => value.into(),
        ValueReceive::Integer(number) => number.into(),
        ValueReceive::Float(number) => number.into(),
        ValueReceive::String(text) => text.into(),
        ValueReceive::List(all) => Value::Array(all.into_iter().map(cell).collect()),
        ValueReceive::Map(all) => {
            // In order of name, whatever the order of arrival.
            let all: std::collections::BTreeMap<String, Value> =
                all.into_iter().map(|(name, value)| (name, cell(value))).collect();
            Value::Object(all.into_iter().collect())
        }
        _ => Value::Null,
    }
}
