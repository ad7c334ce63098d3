//! What the connections do: how many there are and are used, who waited how long, and how long each
//! operation took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// What the connections did since the opening.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Neo4jStatistics {
    /// Connections that there may be.
    pub connections_max: u64,
    /// Connections that are used now.
    pub in_use: u64,
    /// Callers that had to wait for one.
    pub waits: u64,
    /// How long they waited, together.
    pub wait_seconds: f64,
    /// Callers that waited in vain.
    pub waits_in_vain: u64,
    /// Transactions that were tried again.
    pub retries: u64,
    /// Whether the server is left alone after failures.
    pub is_left_alone: bool,
    /// By operation, in order of name.
    pub operations: BTreeMap<&'static str, OperationStatistics>,
}

/// One operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct OperationStatistics {
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub failures: u64,
    /// How long it took, together.
    pub total_seconds: f64,
    /// How long it took at most.
    pub max_seconds: f64,
}

/// The figures that grow.
#[derive(Debug, Default)]
pub struct Figures {
    kept: Mutex<Neo4jStatistics>,
}

impl Figures {
    /// A caller got a connection after so long, or none.
    pub fn waited(&self, time: Duration, is_in_vain: bool) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.waits += 1;
        kept.waits_in_vain += u64::from(is_in_vain);
        kept.wait_seconds += time.as_secs_f64();
    }

    /// A transaction is tried again.
    pub fn retried(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retries += 1;
    }

    /// An operation ended.
    pub fn ran(&self, operation: &'static str, time: Duration, is_failed: bool) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let one = kept.operations.entry(operation).or_default();
        one.count += 1;
        one.failures += u64::from(is_failed);
        one.total_seconds += time.as_secs_f64();
        one.max_seconds = one.max_seconds.max(time.as_secs_f64());
    }

    /// All of them.
    pub fn all(&self) -> Neo4jStatistics {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
