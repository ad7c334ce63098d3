//! What was asked of Redis, by operation.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::StoreError;

/// What was asked since the opening.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RedisStatistics {
    /// Whether it is left alone after failures.
    pub is_left_alone: bool,
    /// Why the newest operation that failed did.
    pub last_error: Option<String>,
    /// By operation, in order of name.
    pub operations: BTreeMap<&'static str, RedisOperation>,
}

/// One operation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RedisOperation {
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub error_count: u64,
    /// How long it took, together.
    pub total_seconds: f64,
    /// How long it took at most.
    pub longest_seconds: f64,
}

/// The figures that grow.
#[derive(Debug, Default)]
pub(super) struct Figures {
    kept: Mutex<RedisStatistics>,
}

impl Figures {
    pub fn ran(&self, operation: &'static str, time: Duration, error: Option<&StoreError>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last_error = error.map(ToString::to_string).or(kept.last_error.take());
        let one = kept.operations.entry(operation).or_default();
        one.count += 1;
        one.error_count += u64::from(error.is_some());
        one.total_seconds += time.as_secs_f64();
        one.longest_seconds = one.longest_seconds.max(time.as_secs_f64());
    }

    pub fn all(&self, is_left_alone: bool) -> RedisStatistics {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        RedisStatistics { is_left_alone, ..kept.clone() }
    }
}
