//! Plans, labels and indexes of Neo4j.

pub mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use model::error::{StoreError, StoreResult};
use model::fact::{IndexFact, Plan, TableFact, TableReport, TuningChange, TuningSteps};
use model::seam::{PlanMode, ReadContext, Tuning};
use model::workload::{WorkloadKind, WorkloadStatement};
use serde_json::Value;

use super::connection::{Access, Connections, Parameters, Terms, Tx};
use super::error::Outcome;
use super::migration::{MIGRATIONS, statements};
use super::statement::{cell, sent};

const LABELS: &str = include_str!("tuning/optimization_labels.cypher");
const INDEXES: &str = include_str!("tuning/optimization_indexes.cypher");

/// How long an index is waited for until it holds everything.
const AWAITED_SECS: u32 = 300;

/// Plans, labels and changes.
#[derive(Debug)]
pub struct Neo4jTuning {
    connections: Arc<Connections>,
}

impl Neo4jTuning {
    /// Over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    fn terms(&self, operation: &'static str, access: Access, ctx: Option<&ReadContext>) -> Terms {
        let options = &self.connections.options;
        let time = match access {
            Access::Read => options.read_time,
            Access::Write | Access::Rehearsal => options.write_time,
        };
        Terms { operation, access, time, deadline: ctx.map(|ctx| ctx.deadline) }
    }
}

#[async_trait]
impl Tuning for Neo4jTuning {
    fn store(&self) -> &'static str {
        "neo4j"
    }

    fn workload_take(&self) -> Vec<WorkloadStatement> {
        self.connections.recorder.take()
    }

    async fn plan(
        &self,
        ctx: &ReadContext,
        statement: &WorkloadStatement,
        mode: PlanMode,
    ) -> StoreResult<Plan> {
        let text = statement.text.clone();
        let mut parameters = Parameters::new();
        for one in &statement.parameters {
            let value: Value =
                serde_json::from_str(&one.value).map_err(|error| StoreError::Internal {
                    operation: format!("read the parameter {}", one.name),
                    reason: error.to_string(),
                })?;
            parameters.insert(one.name.clone(), sent(value));
        }
        let access = match statement.kind {
            WorkloadKind::Read => Access::Read,
            WorkloadKind::Write | WorkloadKind::Unplanned => Access::Rehearsal,
        };
        let is_measured = mode == PlanMode::Measured;
        let work = move |tx: &Tx<'_, '_>| tx.plan(&text, &parameters, is_measured);
        let terms = self.terms("explain", access, Some(ctx));
        let plan = self.connections.run(terms, work, |plan| plan).await?;
        plan.ok_or_else(|| StoreError::NotFound { what: format!("a plan of {}", statement.name) })
    }

    async fn tables(&self, ctx: &ReadContext) -> StoreResult<TableReport> {
        let work = move |tx: &Tx<'_, '_>| -> Outcome<TableReport> {
            let indexes: Vec<IndexFact> =
                rows(tx, INDEXES)?.iter().filter_map(|row| index(row)).collect();
            let mut tables = Vec::new();
            for row in rows(tx, LABELS)? {
                let Some(label) = row.first().and_then(Value::as_str) else { continue };
                // Counts of whole labels are kept by the server: nothing is read.
                let count = format!("MATCH (n:{}) RETURN count(n)", quoted(label));
                let counted = tx.number(&count, &Parameters::new())?;
                tables.push(TableFact {
                    name: label.to_owned(),
                    rows: counted.and_then(|count| u64::try_from(count).ok()),
                    ..TableFact::default()
                });
            }
            let since = since(tx)?;
            Ok(TableReport {
                store: "neo4j".to_owned(),
                missing: missing(&indexes),
                tables,
                indexes,
                counted_since: since,
                bytes: None,
                bytes_max: None,
            })
        };
        let terms = self.terms("tables", Access::Read, Some(ctx));
        self.connections.run(terms, work, |report| report).await
    }

    async fn steps(
        &self,
        ctx: &ReadContext,
        change: &TuningChange,
    ) -> StoreResult<Option<TuningSteps>> {
        Ok(match change {
            TuningChange::IndexCreate { table, columns, known } => {
                let (name, text) = match known {
                    Some(known) => (known.name.clone(), known.definition.clone()),
                    None => {
                        let name = format!("{table}_{}_tuned", columns.join("_")).to_lowercase();
                        let on: Vec<String> =
                            columns.iter().map(|one| format!("n.{}", quoted(one))).collect();
                        let text = format!(
                            "CREATE INDEX {} IF NOT EXISTS FOR (n:{}) ON ({})",
                            quoted(&name),
                            quoted(table),
                            on.join(", ")
                        );
                        (name, text)
                    }
                };
                let undo = vec![format!("DROP INDEX {} IF EXISTS", quoted(&name))];
                // It is used when it holds everything.
                let awaited = format!("CALL db.awaitIndexes({AWAITED_SECS})");
                Some(TuningSteps { statements: vec![text, awaited], undo })
            }
            TuningChange::IndexDrop { name, .. } => {
                let report = self.tables(ctx).await?;
                let index = report.indexes.into_iter().find(|index| index.name == *name);
                let index = index.ok_or_else(|| StoreError::NotFound { what: name.clone() })?;
                let statements = vec![format!("DROP INDEX {} IF EXISTS", quoted(name))];
                Some(TuningSteps { statements, undo: vec![index.definition] })
            }
            // The server keeps its own statistics current.
            TuningChange::Analyze { .. } => None,
        })
    }

    async fn run(&self, statements: &[String]) -> StoreResult<()> {
        for statement in statements {
            let statement = statement.clone();
            let work = move |tx: &Tx<'_, '_>| tx.run(&statement, &Parameters::new());
            let terms = self.terms("change the schema", Access::Write, None);
            self.connections.run(terms, work, |()| ()).await?;
        }
        Ok(())
    }
}

fn rows(tx: &Tx<'_, '_>, statement: &str) -> Outcome<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    tx.each(statement, &Parameters::new(), |row| {
        rows.push(row.into_iter().map(cell).collect());
        Ok(())
    })?;
    Ok(rows)
}

/// Since when the use of every index is counted.
fn since(tx: &Tx<'_, '_>) -> Outcome<Option<Timestamp>> {
    let all = rows(tx, INDEXES)?;
    let seconds = all.iter().filter_map(|row| row.get(8).and_then(Value::as_i64)).max();
    Ok(seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()))
}

/// name, labels, properties, type, constraint, uses, definition, state, counted since.
fn index(row: &[Value]) -> Option<IndexFact> {
    let texts = |place: usize| -> Vec<String> {
        let all = row.get(place).and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let text = |place: usize| row.get(place).and_then(Value::as_str).map(str::to_owned);
    let constraint = text(4);
    Some(IndexFact {
        name: text(0)?,
        table: texts(1).first().cloned().unwrap_or_default(),
        columns: texts(2),
        method: text(3)?.to_lowercase(),
        predicate: None,
        definition: text(6).unwrap_or_default(),
        is_unique: constraint.is_some(),
        is_constraint: constraint.is_some(),
        is_valid: text(7).as_deref() == Some("ONLINE"),
        scans: row.get(5).and_then(Value::as_u64),
        bytes: None,
    })
}

/// Indexes of this program's schema that are not there.
fn missing(found: &[IndexFact]) -> Vec<IndexFact> {
    let texts = MIGRATIONS.iter().flat_map(|(_, _, text)| statements(text));
    let made: BTreeMap<String, IndexFact> =
        texts.filter_map(index_from_definition).map(|one| (one.name.clone(), one)).collect();
    let is_there = |one: &IndexFact| {
        found.iter().any(|held| held.table == one.table && held.columns == one.columns)
    };
    made.into_values().filter(|one| !is_there(one)).collect()
}

/// `CREATE INDEX name IF NOT EXISTS FOR (n:Label) ON (n.property, …)`, below its comments.
fn index_from_definition(text: &'static str) -> Option<IndexFact> {
    let text = text.lines().rfind(|line| !line.trim_start().starts_with("//"))?.trim();
    let rest = text.strip_prefix("CREATE INDEX ")?;
    let (name, rest) = rest.split_once(" IF NOT EXISTS FOR (")?;
    let (entity, rest) = rest.split_once(") ON (")?;
    let columns = rest.trim_end_matches([')', ';']).split(',');
    Some(IndexFact {
        name: name.to_owned(),
        table: entity.split_once(':')?.1.to_owned(),
        columns: columns
            .map(|one| one.trim().rsplit('.').next().unwrap_or_default().to_owned())
            .collect(),
        method: "range".to_owned(),
        definition: text.trim_end_matches(';').to_owned(),
        is_valid: true,
        ..IndexFact::default()
    })
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_indexes_are_known() {
        let missing = missing(&[]);
        let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
        let expected =
            ["entity_canonical", "entity_kind", "entity_name", "version_entity", "write_rows"];
        assert_eq!(names, expected);
        assert_eq!((missing[3].table.as_str(), missing[3].columns.len()), ("Version", 2));
    }
}
