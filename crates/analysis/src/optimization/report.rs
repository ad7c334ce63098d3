//! What `optimization` answers, as every interface gives it.

use jiff::Timestamp;
use model::fact::{Plan, TuningChange, TuningSteps};
use model::measure::Measure;
use model::table::Table;
use model::workload::{WorkloadKind, WorkloadParameter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that is known about how the stores do their work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationAnswer {
    /// When it was judged.
    pub at: Timestamp,
    /// Since when the workload is recorded; what is a week old counts half.
    pub since: Timestamp,
    /// When the newest plan was measured; null when none was.
    pub measured_at: Option<Timestamp>,
    /// Seconds that the recorded workload took.
    pub seconds_total: f64,
    /// What would help: the greater saving first, then those without a figure, by id; at most 200.
    pub recommendations: Vec<OptimizationRecommendation>,
    /// How many there are in all.
    pub recommendation_total: u64,
    /// Statements of the recorded workload: the greater time in all first.
    pub statements: Vec<OptimizationStatement>,
    /// Tables, by store, the larger first.
    pub table_statistics: Vec<OptimizationTable>,
    /// Indexes, by store, table and name.
    pub index_use: Vec<OptimizationIndexUse>,
    /// Stores, with their growth.
    pub stores: Vec<OptimizationStore>,
    /// What was done, newest first; at most 100.
    pub applied: Vec<OptimizationApplied>,
    /// The tables of the answer.
    pub tables: Vec<Table>,
}

/// One thing that would help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationRecommendation {
    /// Stable name of what is recommended (`rows_read/postgresql/series/signal`).
    pub id: String,
    /// The rule that found it.
    pub rule: String,
    /// Store.
    pub store: String,
    /// What is wrong.
    pub what: String,
    /// Why it costs time, with the figures of the plan.
    pub reason: String,
    /// What to do.
    pub action: String,
    /// Statements that it would serve, the greater time in all first.
    pub statements: Vec<String>,
    /// The operator it was found at.
    pub place: Option<OptimizationPlace>,
    /// Seconds of the recorded workload that it would save.
    pub seconds_saved: Measure,
    /// Seconds that writes would take longer over the same time.
    pub seconds_of_writes: Measure,
    /// Whether it would cost writes more than it saves reads: then it is not applied.
    pub hurts_writes: bool,
    /// What `--apply` changes; null when it is for a person to do.
    pub change: Option<TuningChange>,
    /// What the change runs, and what takes it back.
    pub steps: Option<TuningSteps>,
}

/// One operator of one plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationPlace {
    /// Statement.
    pub statement: String,
    /// The store's word for the operator.
    pub operator: String,
    /// Table or label.
    pub table: Option<String>,
    /// Its conditions.
    pub detail: Option<String>,
    /// Whether the plan was measured.
    pub is_measured: bool,
}

/// How a plan stands to what is demanded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizationVerdict {
    /// Nothing is wrong.
    Passes,
    /// Something is wrong.
    Fails,
    /// What is wrong is allowed, with a reason in the statement's header.
    Allowed,
    /// There is no plan.
    Unknown,
}

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationFault {
    /// The rule.
    pub rule: String,
    /// What is wrong.
    pub what: String,
    /// Why it is allowed, as the statement's header says.
    pub allowed: Option<String>,
}

/// One statement of the recorded workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationStatement {
    /// Store.
    pub store: String,
    /// Name: that of its file.
    pub name: String,
    /// What it does.
    pub kind: WorkloadKind,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub error_count: u64,
    /// Rows that it gave or changed; null where the store does not count them.
    pub rows: Option<u64>,
    /// Seconds in all.
    pub seconds_total: f64,
    /// Its share of the workload's time, 0 to 1.
    pub share: f64,
    /// Seconds that 95 of 100 runs do not exceed.
    pub seconds_p95: Measure,
    /// The longest run, in seconds.
    pub seconds_longest: f64,
    /// Parameters of the run that stands for the others; long values are cut.
    pub parameters: Vec<WorkloadParameter>,
    /// The last measured plan, else the estimate.
    pub plan: Option<Plan>,
    /// Why there is no plan, or no measured one.
    pub plan_reason: Option<String>,
    /// When the plan was measured.
    pub measured_at: Option<Timestamp>,
    /// How the plan stands to what is demanded of it.
    pub verdict: OptimizationVerdict,
    /// What is wrong with it.
    pub faults: Vec<OptimizationFault>,
    /// Share of the rows of the scanned tables that were not looked at, 0 to 1.
    pub rows_skipped: Option<f64>,
}

/// One table, or one label of a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationTable {
    /// Store.
    pub store: String,
    /// Name.
    pub name: String,
    /// Rows, about.
    pub rows: Option<u64>,
    /// Bytes without indexes.
    pub bytes: Option<u64>,
    /// Bytes of its indexes.
    pub index_bytes: Option<u64>,
    /// Share of reads that went through an index, 0 to 1.
    pub index_use: Option<f64>,
    /// Dead rows.
    pub dead_rows: Option<u64>,
    /// Bytes that it grows by in a day.
    pub bytes_per_day: Measure,
    /// Rows that it grows by in a day.
    pub rows_per_day: Measure,
    /// Share of its pages that were in memory, 0 to 1.
    pub cache_hit: Option<f64>,
    /// Parts that it is split into.
    pub parts: Option<u64>,
    /// Share of the parts that are compressed, 0 to 1.
    pub compressed: Option<f64>,
    /// Columns by whose order its rows are written.
    pub sort_key: Option<String>,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationIndexUse {
    /// Store.
    pub store: String,
    /// Table or label.
    pub table: String,
    /// Name.
    pub name: String,
    /// How it is made.
    pub definition: String,
    /// Times it was used since `counted_since`.
    pub scans: Option<u64>,
    /// Bytes.
    pub bytes: Option<u64>,
    /// Whether a constraint needs it.
    pub is_constraint: bool,
    /// Whether it can be used.
    pub is_valid: bool,
    /// Statements of the workload whose plans use it.
    pub statements: Vec<String>,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationStore {
    /// Store.
    pub store: String,
    /// Bytes of everything.
    pub bytes: Measure,
    /// Bytes that there is room for.
    pub bytes_max: Measure,
    /// Bytes that it grows by in a day.
    pub bytes_per_day: Measure,
    /// Days until there is no room, at that growth.
    pub days_until_full: Measure,
    /// Since when the use of indexes is counted; null when it is not, or a replica does not tell.
    pub counted_since: Option<Timestamp>,
    /// Why the store did not tell.
    pub reason: Option<String>,
}

/// What a change did to one statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationEffect {
    /// Statement.
    pub statement: String,
    /// Seconds of its measured plan before.
    pub seconds_before: Option<f64>,
    /// Seconds after.
    pub seconds_after: Option<f64>,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptimizationApplied {
    /// The recommendation.
    pub id: String,
    /// Store.
    pub store: String,
    /// When; what was applied together has one time.
    pub at: Timestamp,
    /// What ran, and what takes it back.
    pub steps: TuningSteps,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// What it did to the statements it was for.
    pub effects: Vec<OptimizationEffect>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
}

impl OptimizationRecommendation {
    /// Whether `--apply` does it.
    pub fn is_applicable(&self) -> bool {
        self.steps.is_some() && !self.hurts_writes
    }
}
