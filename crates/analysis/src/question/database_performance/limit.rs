//! The limits of a database's status: one readable table, used for judging and shown in the answer.

use super::shape::{DatabaseLimit, DatabasePerformanceCheck};
use crate::question::system_metrics::Status;

/// One limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub check: &'static str,
    definition: &'static str,
    unit: &'static str,
    warning: Option<f64>,
    critical: Option<f64>,
    is_floor: bool,
}

const fn ceiling(
    check: &'static str,
    definition: &'static str,
    unit: &'static str,
    (warning, critical): (f64, Option<f64>),
) -> Limit {
    Limit { check, definition, unit, warning: Some(warning), critical, is_floor: false }
}

pub(super) const UP: Limit = Limit {
    check: "up",
    definition: "whether the exporter reaches it, newest value",
    unit: "1",
    warning: None,
    critical: Some(1.0),
    is_floor: true,
};
pub(super) const CONNECTIONS: Limit =
    ceiling("connections", "most open connections of the limit", "1", (0.8, Some(0.95)));
pub(super) const CPU: Limit = ceiling("cpu", "mean CPU of what there is", "1", (0.8, Some(0.95)));
pub(super) const MEMORY: Limit =
    ceiling("memory", "memory of what a cache may use, newest value", "1", (0.85, Some(0.95)));
pub(super) const STORAGE: Limit =
    ceiling("storage", "space used of the fullest volume", "1", (0.85, Some(0.95)));
pub(super) const FULL: Limit = Limit {
    check: "days_until_full",
    definition: "days until the storage is full, expected value of the forecast",
    unit: "d",
    warning: Some(14.0),
    critical: Some(3.0),
    is_floor: true,
};
pub(super) const LAG: Limit =
    ceiling("replica_lag", "the furthest that a replica was behind", "s", (30.0, Some(300.0)));
pub(super) const READ_LATENCY: Limit =
    ceiling("read_latency", "mean duration of a read", "s", (0.02, Some(0.1)));
pub(super) const WRITE_LATENCY: Limit =
    ceiling("write_latency", "mean duration of a write", "s", (0.02, Some(0.1)));
pub(super) const CACHE_HIT: Limit = Limit {
    check: "cache_hit",
    definition: "reads that the buffer of a database answered; a cache of its own has no limit",
    unit: "1",
    warning: Some(0.9),
    critical: None,
    is_floor: true,
};
pub(super) const DEADLOCKS: Limit = ceiling("deadlocks", "deadlocks per hour", "/h", (1.0, None));
pub(super) const BLOCKED: Limit =
    ceiling("blocked", "most sessions that waited for another's lock", "count", (10.0, None));

const ALL: [Limit; 12] = [
    BLOCKED,
    CACHE_HIT,
    CONNECTIONS,
    CPU,
    FULL,
    DEADLOCKS,
    MEMORY,
    READ_LATENCY,
    LAG,
    STORAGE,
    UP,
    WRITE_LATENCY,
];

/// The table.
pub(super) fn rows() -> Vec<DatabaseLimit> {
    ALL.iter()
        .map(|one| DatabaseLimit {
            check: one.check.to_owned(),
            definition: one.definition.to_owned(),
            unit: one.unit.to_owned(),
            warning: one.warning,
            critical: one.critical,
            is_floor: one.is_floor,
        })
        .collect()
}

impl Limit {
    /// Whether a figure passes, and the limit if it does not.
    pub(super) fn check(&self, value: f64) -> DatabasePerformanceCheck {
        // A floor is passed below it, a ceiling from it on.
        let is_past = |limit: f64| if self.is_floor { value < limit } else { value >= limit };
        let past = |limit: Option<f64>| limit.filter(|limit| is_past(*limit));
        let (status, limit) = match (past(self.critical), past(self.warning)) {
            (Some(limit), _) => (Status::Critical, Some(limit)),
            (None, Some(limit)) => (Status::Warning, Some(limit)),
            (None, None) => (Status::Healthy, None),
        };
        DatabasePerformanceCheck {
            check: self.check.to_owned(),
            status,
            value,
            unit: self.unit.to_owned(),
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_passed_at_ceilings_and_below_floors() {
        assert_eq!(CPU.check(0.79).status, Status::Healthy);
        assert_eq!(CPU.check(0.8).status, Status::Warning);
        assert_eq!(CPU.check(0.95).limit, Some(0.95));
        assert_eq!(CACHE_HIT.check(0.9).status, Status::Healthy);
        assert_eq!(CACHE_HIT.check(0.89).status, Status::Warning);
        assert_eq!(FULL.check(2.0).status, Status::Critical);
        assert_eq!(UP.check(1.0).status, Status::Healthy);
        assert_eq!(UP.check(0.0).status, Status::Critical);
        assert!(rows().is_sorted_by_key(|row| row.check.clone()));
    }
}
