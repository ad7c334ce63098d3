//! Plans and tables of the embedded store. Its tables have no indexes: their sort order lets a scan skip
//! whole row groups, and the plan says how many rows were looked at after all.

mod plan;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use duckdb::Connection;
use model::error::StoreResult;
use model::fact::{Plan, TableFact, TableReport, TuningChange, TuningSteps};
use model::seam::{PlanMode, ReadContext, Tuning};
use model::workload::WorkloadStatement;

use crate::database::Database;
use crate::error::{Failure, Outcome};
use crate::read::statement::filled;

/// By what the rows of the large tables are ordered as they are written.
const SORT_KEYS: &[(&str, &str)] = &[
    ("main.sample", "batch, instant, series"),
    ("main.rollup_hour", "day, series, instant"),
    ("main.rollup_bin", "instant, series, bin"),
    ("main.span", "batch, trace_high, trace_low, start_at"),
    ("main.edge_minute", "batch"),
    ("main.charge", "file, row"),
];

/// Plans and tables.
#[derive(Debug)]
pub struct EmbeddedTuning {
    database: Arc<Database>,
}

impl EmbeddedTuning {
    /// Of this database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Tuning for EmbeddedTuning {
    fn store(&self) -> &'static str {
        "embedded"
    }

    fn workload_take(&self) -> Vec<WorkloadStatement> {
        self.database.workload_take()
    }

    async fn plan(
        &self,
        ctx: &ReadContext,
        statement: &WorkloadStatement,
        mode: PlanMode,
    ) -> StoreResult<Plan> {
        let values: Vec<(&str, &str)> = statement
            .parameters
            .iter()
            .map(|one| (one.name.as_str(), one.value.as_str()))
            .collect();
        let text = filled(&statement.text, &values);
        self.database.read("explain", ctx, move |conn| explained(conn, &text, mode)).await
    }

    async fn tables(&self, ctx: &ReadContext) -> StoreResult<TableReport> {
        let file = self.database.file().to_owned();
        let folder = self.database.folder().path().to_owned();
        self.database.read("tables", ctx, move |conn| tables(conn, &file, &folder)).await
    }

    async fn steps(&self, _: &ReadContext, _: &TuningChange) -> StoreResult<Option<TuningSteps>> {
        Ok(None)
    }

    async fn run(&self, _: &[String]) -> StoreResult<()> {
        Ok(())
    }
}

fn explained(conn: &Connection, text: &str, mode: PlanMode) -> Outcome<Plan> {
    let how = match mode {
        PlanMode::Explained => "FORMAT JSON",
        PlanMode::Measured => "ANALYZE, FORMAT JSON",
    };
    let text = text.trim().trim_end_matches(';');
    let mut statement = conn.prepare(&format!("EXPLAIN ({how}) {text}"))?;
    let said: String = statement.query_row([], |row| row.get(1))?;
    plan::plan_from_json(&said).map_err(Failure::Row)
}

fn tables(conn: &Connection, file: &Path, folder: &Path) -> Outcome<TableReport> {
    let mut statement = conn.prepare(include_str!("read/status.sql"))?;
    let mut rows = statement.query([])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let sort_key = SORT_KEYS.iter().find(|(known, _)| *known == name);
        tables.push(TableFact {
            rows: Some(row.get(1)?),
            sort_key: sort_key.map(|(_, key)| (*key).to_owned()),
            name,
            ..TableFact::default()
        });
    }
    let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
    let free = fs4::available_space(folder).ok();
    Ok(TableReport {
        store: "embedded".to_owned(),
        tables,
        bytes: Some(bytes),
        bytes_max: free.map(|free| bytes.saturating_add(free)),
        ..TableReport::default()
    })
}
