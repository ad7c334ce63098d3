//! What is judged: the workload with its plans, the tables, and their sizes on earlier days.

use jiff::Timestamp;
use model::fact::{OperatorKind, Plan, TableFact, TableReport};
use model::workload::WorkloadStatement;
use serde::{Deserialize, Serialize};

/// The plan of a statement that ran for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredPlan {
    /// Store.
    pub store: String,
    /// Statement.
    pub name: String,
    /// When it was measured.
    pub at: Timestamp,
    /// The plan, or why there is none.
    pub plan: Result<Plan, String>,
}

/// One statement with what is known of its plan.
#[derive(Debug, Clone)]
pub struct StatementFact {
    /// What ran.
    pub statement: WorkloadStatement,
    /// The plan it would have now, or why there is none.
    pub explained: Result<Plan, String>,
    /// The last measured one.
    pub measured: Option<MeasuredPlan>,
}

impl StatementFact {
    /// The measured plan, else the estimate.
    pub fn plan(&self) -> Option<&Plan> {
        let measured = self.measured.as_ref().and_then(|one| one.plan.as_ref().ok());
        measured.or(self.explained.as_ref().ok())
    }

    /// Share of the statement's time that one operator takes, 0 to 1.
    pub fn share(&self, place: usize) -> Option<f64> {
        let plan = self.plan()?;
        let node = plan.nodes.get(place)?;
        match (node.seconds, plan.seconds) {
            (Some(own), Some(all)) if all > 0.0 => Some((own / all).clamp(0.0, 1.0)),
            _ => node.cost_share,
        }
    }
}

/// Size of one table on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSize {
    /// Store.
    pub store: String,
    /// Table; empty for the whole store.
    pub table: String,
    /// Rows.
    pub rows: Option<u64>,
    /// Bytes with indexes.
    pub bytes: Option<u64>,
}

/// Sizes on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizePast {
    /// When.
    pub at: Timestamp,
    /// Every table and store.
    pub sizes: Vec<TableSize>,
}

impl SizePast {
    /// Of what the stores say now.
    pub fn of(at: Timestamp, reports: &[TableReport]) -> Self {
        let mut sizes = Vec::new();
        for report in reports {
            let size = |table: &str, rows, bytes| TableSize {
                store: report.store.clone(),
                table: table.to_owned(),
                rows,
                bytes,
            };
            sizes.push(size("", None, report.bytes));
            sizes.extend(report.tables.iter().map(|one| size(&one.name, one.rows, whole(one))));
        }
        Self { at, sizes }
    }
}

/// Bytes of a table with its indexes.
pub fn whole(table: &TableFact) -> Option<u64> {
    table.bytes.map(|bytes| bytes.saturating_add(table.index_bytes.unwrap_or(0)))
}

/// Everything.
#[derive(Debug, Clone)]
pub struct OptimizationFacts {
    /// Now.
    pub now: Timestamp,
    /// Since when the workload is recorded.
    pub since: Timestamp,
    /// Statements, those that take most time first.
    pub statements: Vec<StatementFact>,
    /// Tables of each store, or why it does not tell.
    pub reports: Vec<Result<TableReport, (String, String)>>,
    /// Sizes of earlier days, oldest first.
    pub sizes: Vec<SizePast>,
}

impl OptimizationFacts {
    /// What the stores said of their tables.
    pub fn told(&self) -> impl Iterator<Item = &TableReport> {
        self.reports.iter().filter_map(|report| report.as_ref().ok())
    }

    /// What a store said of its tables.
    pub fn report(&self, store: &str) -> Option<&TableReport> {
        self.told().find(|report| report.store == store)
    }

    /// A table of a store.
    pub fn table(&self, store: &str, name: &str) -> Option<&TableFact> {
        self.report(store)?.tables.iter().find(|table| table.name == name)
    }

    /// Seconds of the whole workload.
    pub fn seconds_total(&self) -> f64 {
        self.statements.iter().map(|one| one.statement.seconds_total).sum()
    }

    /// When the newest plan was measured.
    pub fn measured_at(&self) -> Option<Timestamp> {
        self.statements.iter().filter_map(|one| one.measured.as_ref().map(|plan| plan.at)).max()
    }

    /// Rows that an operator takes from its table, over all its runs: measured, or for a plain scan of a
    /// table in one part the table's.
    pub fn rows_read(&self, store: &str, plan: &Plan, place: usize) -> Option<f64> {
        let node = &plan.nodes[place];
        if node.rows_read.is_some() || plan.is_measured || node.kind != OperatorKind::TableScan {
            return node.rows_read;
        }
        let table = self.table(store, node.table.as_deref()?)?;
        let is_whole = table.parts.unwrap_or(1) <= 1;
        table.rows.filter(|_| is_whole && store == "postgresql").map(|rows| rows as f64)
    }
}

/// Rows that pass the conditions of a scan: those of a filter directly above it, else its own.
pub fn rows_kept(plan: &Plan, place: usize) -> Option<f64> {
    let of = |place: usize| {
        let node = &plan.nodes[place];
        if plan.is_measured { node.rows } else { node.rows_estimated }
    };
    let depth = plan.nodes[place].depth;
    let above = place.checked_sub(1).filter(|above| {
        let node = &plan.nodes[*above];
        node.kind == OperatorKind::Filter && node.depth + 1 == depth
    });
    of(above.unwrap_or(place))
}
