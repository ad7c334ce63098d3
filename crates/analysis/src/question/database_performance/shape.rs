//! The answer of `database_performance`.

use model::kind::EntityKind;
use model::measure::Measure;
use schemars::JsonSchema;
use serde::Serialize;

use crate::question::database_connections::{Connections, DatabasePlace};
use crate::question::system_metrics::Status;

/// Databases with how they perform.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabasePerformanceAnswer {
    /// Totals over all databases that match, also those that the limit cuts.
    pub summary: DatabasePerformanceSummary,
    /// Databases, the worst first, then by name and id.
    pub databases: Vec<DatabasePerformance>,
    /// Logical databases on those servers, by server, slowest read and name; at most 50 a server.
    pub parts: Vec<DatabasePart>,
    /// Waits by category, by server and falling time; at most 20 a server.
    pub waits: Vec<DatabaseWait>,
    /// Statements by server and falling time; at most 20 a server.
    pub statements: Vec<DatabaseStatement>,
    /// Clients by database and falling calls; at most 50 a database.
    pub clients: Vec<DatabaseClientShare>,
    /// What measured each database, by database and name.
    pub sources: Vec<DatabaseSource>,
    /// The limits that were used, in order of their check.
    pub limits: Vec<DatabaseLimit>,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DatabasePerformanceSummary {
    /// Databases, clusters, caches and hosts of SQL Server.
    pub databases: u64,
    /// Those of which anything was measured in the window.
    pub measured: u64,
    /// By status, the worst first.
    pub by_status: Vec<DatabaseStatusCount>,
}

/// How many databases stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DatabaseStatusCount {
    /// Status.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseLimit {
    /// Word of the check.
    pub check: String,
    /// What is compared.
    pub definition: String,
    /// Unit.
    pub unit: String,
    /// From here on it is a warning.
    pub warning: Option<f64>,
    /// From here on it is critical.
    pub critical: Option<f64>,
    /// Whether low values are the bad ones.
    pub is_floor: bool,
}

/// One check of one database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabasePerformanceCheck {
    /// Word of the check.
    pub check: String,
    /// What it found.
    pub status: Status,
    /// The figure.
    pub value: f64,
    /// Unit.
    pub unit: String,
    /// The limit that was passed; null where none was.
    pub limit: Option<f64>,
}

/// One database, cluster, cache, or host of SQL Server.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabasePerformance {
    /// Canonical id.
    pub id: String,
    /// Kind of entity; `instance` for SQL Server on a machine.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Hosting, as in `database_connections`.
    pub hosting: String,
    /// Engine as its host names it.
    pub engine: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Where it is.
    pub place: DatabasePlace,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Canonical id of the application.
    pub application: Option<String>,
    /// The worst of its checks; `unknown` when none could be made.
    pub status: Status,
    /// Why, for people: the check, its figure and its limit.
    pub reason: String,
    /// Every check that could be made, the worst first.
    pub checks: Vec<DatabasePerformanceCheck>,
    /// Connections against the limit.
    pub connections: Connections,
    /// Mean of CPU used of what there is; of the database itself where that is measured.
    pub cpu: Measure,
    /// Memory used of what it may use, newest value.
    pub memory: Measure,
    /// Mean reads of storage per second.
    pub reads: Measure,
    /// Mean writes to storage per second.
    pub writes: Measure,
    /// Mean bytes read from storage per second.
    pub read_throughput: Measure,
    /// Mean bytes written to storage per second.
    pub write_throughput: Measure,
    /// Mean duration of a read; of several databases or files of one server the slowest.
    pub read_latency: Measure,
    /// Mean duration of a write, likewise.
    pub write_latency: Measure,
    /// Mean queries, batches or commands per second.
    pub queries: Measure,
    /// Mean transactions per second.
    pub transactions: Measure,
    /// The furthest that a replica was behind in the window.
    pub replica_lag: Measure,
    /// Reads that the buffer or cache answered of all, 0 to 1.
    pub cache_hit: Measure,
    /// How long a page stays in the buffer, newest value.
    pub page_life: Measure,
    /// Locks.
    pub locks: DatabaseLocks,
    /// Storage.
    pub space: DatabaseSpace,
    /// Statements in the window that were slower than the server's own limit.
    pub slow_statements: Measure,
    /// Clients with calls in the window.
    pub clients: u64,
    /// Newest value of any of its signals; null when none was measured.
    pub newest: Option<jiff::Timestamp>,
}

/// Locks.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseLocks {
    /// Locks held or waited for, newest value.
    pub held: Measure,
    /// Most sessions that waited for another's lock.
    pub blocked_max: Measure,
    /// Mean waits for a lock per second.
    pub waits: Measure,
    /// Deadlocks in the window, where they are counted.
    pub deadlocks: Measure,
    /// Mean deadlocks per second.
    pub deadlock_rate: Measure,
}

/// Storage.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseSpace {
    /// Bytes used: by the databases themselves where that is measured, else size less free.
    pub used: Measure,
    /// Bytes free on its fullest volume.
    pub free: Measure,
    /// Bytes there are on that volume.
    pub size: Measure,
    /// Used of that volume, 0 to 1.
    pub share: Measure,
    /// Name of that volume, if there are several.
    pub volume: Option<String>,
    /// When it is full.
    pub full: DatabaseFill,
}

/// When storage is full, if it goes on as it did.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseFill {
    /// Days from the newest value; null with the reason: too little past, or not within the horizon.
    pub days: Measure,
    /// Days at the near end of the 80 % interval; null when not within the horizon.
    pub days_low: Option<f64>,
    /// Days at the far end of the 80 % interval; null when not within the horizon.
    pub days_high: Option<f64>,
    /// Days that were looked ahead; null without a forecast.
    pub horizon_days: Option<f64>,
    /// Share of past values that the interval held when it was tried; null without a forecast.
    pub coverage: Option<f64>,
}

/// One logical database of a server.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabasePart {
    /// Canonical id of the server.
    pub database: String,
    /// Name of the logical database.
    pub name: String,
    /// Mean duration of a read of its data.
    pub read_latency: Measure,
    /// Mean duration of a write of its data.
    pub write_latency: Measure,
    /// Mean duration of a read of its log.
    pub log_read_latency: Measure,
    /// Mean duration of a write of its log.
    pub log_write_latency: Measure,
    /// Mean reads per second.
    pub reads: Measure,
    /// Mean writes per second.
    pub writes: Measure,
    /// Mean transactions per second.
    pub transactions: Measure,
    /// Reads that the buffer answered of all.
    pub cache_hit: Measure,
    /// Bytes that it takes, newest value.
    pub size: Measure,
}

/// Waits of one category.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseWait {
    /// Canonical id of the server.
    pub database: String,
    /// Category, event or kind of load.
    pub category: String,
    /// Seconds waited in the window; null where only the rate is measured.
    pub time: Measure,
    /// Seconds waited per second.
    pub rate: Measure,
    /// How many waits.
    pub count: Measure,
    /// Of all time waited; null when nobody waited.
    pub share: Measure,
}

/// Runs of one statement.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseStatement {
    /// Canonical id of the server.
    pub database: String,
    /// Id or digest of the statement, as its server names it.
    pub statement: String,
    /// Its text, where that is collected.
    pub text: Option<String>,
    /// Logical database, where that is said.
    pub name: Option<String>,
    /// Seconds spent in it in the window.
    pub time: Measure,
    /// Runs in the window.
    pub calls: Measure,
    /// Seconds a run.
    pub mean: Measure,
    /// Of the time of all statements that were collected.
    pub share: Measure,
}

/// One client of one database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseClientShare {
    /// Canonical id of the database.
    pub database: String,
    /// Canonical id of the client; null outside of what the viewer may see.
    pub id: Option<String>,
    /// Kind.
    pub kind: EntityKind,
    /// Name; null outside of what the viewer may see.
    pub name: Option<String>,
    /// Calls in the window.
    pub calls: u64,
    /// Of all calls to the database, 0 to 1.
    pub share: Measure,
    /// Calls per second; null where the sample is unknown.
    pub call_rate: Measure,
    /// Failed of all.
    pub error_ratio: Measure,
    /// Median that the client waited.
    pub latency_p50: Measure,
    /// 95th percentile; needs 100 calls.
    pub latency_p95: Measure,
    /// What counted the calls.
    pub source: String,
}

/// What measured a database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseSource {
    /// Canonical id of the database.
    pub database: String,
    /// Source.
    pub source: String,
    /// Signals of it in the window, in order.
    pub signals: Vec<String>,
    /// Newest value.
    pub newest: jiff::Timestamp,
    /// Seconds from then to the end of the window.
    pub age_seconds: f64,
}
