//! What the pools and the statements did so far.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// Both pools and every statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolStatistics {
    /// Connections for reads and short writes.
    pub reads: ConnectionStatistics,
    /// Connections for batches, rollups and migrations.
    pub bulk: ConnectionStatistics,
    /// Statements that were ended because nobody waited for them any more.
    pub cancelled_count: u64,
    /// Reads and writes that were tried again.
    pub retry_count: u64,
    /// Statements, in order of name.
    pub statements: Vec<StatementTiming>,
}

/// One pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ConnectionStatistics {
    /// Connections open now.
    pub size: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// Most that may be open.
    pub size_max: u32,
    /// Requests that had to wait for a connection.
    pub wait_count: u64,
    /// How long they waited, in all, in microseconds.
    pub wait_micros: u64,
    /// Requests that waited in vain.
    pub timeout_count: u64,
    /// Connections made.
    pub created_count: u64,
    /// Connections closed because they had served their number of statements.
    pub closed_by_queries: u64,
    /// Connections closed because of their age.
    pub closed_by_lifetime: u64,
    /// Connections closed because nobody used them.
    pub closed_by_idleness: u64,
    /// Connections closed because they broke or could not be made clean.
    pub closed_by_error: u64,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementTiming {
    /// Its name.
    pub name: String,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub error_count: u64,
    /// Rows that it gave or changed.
    pub rows: u64,
    /// Time in all, in microseconds.
    pub total_micros: u64,
    /// The longest, in microseconds.
    pub longest_micros: u64,
}

impl StatementTiming {
    /// Adds what the same statement did elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.error_count += other.error_count;
        self.rows = self.rows.saturating_add(other.rows);
        self.total_micros = self.total_micros.saturating_add(other.total_micros);
        self.longest_micros = self.longest_micros.max(other.longest_micros);
    }
}

/// Why our own check retires a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retirement {
    /// It served its number of statements.
    Queries,
    /// It is old.
    Lifetime,
    /// It broke, or is not clean.
    Error,
}

/// Counts while they are made.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections retired, by reason in the order of `Retirement`.
    retired: [AtomicU64; 3],
    cancelled: AtomicU64,
    retried: AtomicU64,
    timings: Mutex<BTreeMap<&'static str, Timing>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Timing {
    count: u64,
    errors: u64,
    rows: u64,
    total: Duration,
    longest: Duration,
}

impl Counts {
    /// A connection was retired.
    pub fn retired(&self, reason: Retirement) {
        self.retired[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many were retired for this reason.
    pub fn retired_count(&self, reason: Retirement) -> u64 {
        self.retired[reason as usize].load(Ordering::Relaxed)
    }

    /// A statement was cancelled.
    pub fn cancelled(&self) {
        self.cancelled.fetch_add(1, Ordering::Relaxed);
    }

    /// Something was tried again.
    pub fn tried_again(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    /// Cancelled statements and repeated tries.
    pub fn ended(&self) -> (u64, u64) {
        (self.cancelled.load(Ordering::Relaxed), self.retried.load(Ordering::Relaxed))
    }

    /// A statement ran: this many rows, or `None` when it failed.
    pub fn ran(&self, name: &'static str, took: Duration, rows: Option<u64>) {
        let mut timings = self.timings.lock().unwrap_or_else(PoisonError::into_inner);
        let timing = timings.entry(name).or_default();
        timing.count += 1;
        timing.errors += u64::from(rows.is_none());
        timing.rows = timing.rows.saturating_add(rows.unwrap_or(0));
        timing.total = timing.total.saturating_add(took);
        timing.longest = timing.longest.max(took);
    }

    /// Every statement that ran, in order of name.
    pub fn timings(&self) -> Vec<StatementTiming> {
        let timings = self.timings.lock().unwrap_or_else(PoisonError::into_inner);
        let timing = |(name, timing): (&&'static str, &Timing)| StatementTiming {
            name: (*name).to_owned(),
            count: timing.count,
            error_count: timing.errors,
            rows: timing.rows,
            total_micros: micros(timing.total),
            longest_micros: micros(timing.longest),
        };
        timings.iter().map(timing).collect()
    }
}

/// A duration in microseconds.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
