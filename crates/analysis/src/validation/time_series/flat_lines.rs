//! A series that always varies has not stood still: of signals that never rest to the last digit, one with
//! many different values has none of the same for at least six hours and 36 samples. Those that reach 0
//! may rest.

use std::collections::BTreeMap;

use model::Micros;
use model::fact::SeriesConditionFact;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "flat_lines",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Minor,
    title: "Flat lines",
    says: "no series that always varies has stood still for hours",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Signals that never rest to the last digit while something runs.
const RESTLESS: [&str; 12] = [
    "cpu_utilization_ratio",
    "disk_read_bytes_rate",
    "disk_write_bytes_rate",
    "latency_seconds",
    "memory_available_bytes",
    "network_receive_bytes_rate",
    "network_transmit_bytes_rate",
    "query_rate",
    "read_latency_seconds",
    "request_rate",
    "transaction_rate",
    "write_latency_seconds",
];
const DISTINCT_MIN: u64 = 20;
const UNCHANGED_MIN: u64 = 36;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let series = facts.series.as_ref().map_err(Clone::clone)?;
    let restless = || {
        let is_restless = |one: &&SeriesConditionFact| {
            let signal = one.signal.as_deref().unwrap_or_default();
            RESTLESS.contains(&signal) && one.distinct >= DISTINCT_MIN && one.min > 0.0
        };
        series.iter().filter(is_restless)
    };
    let mut by_metric: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for one in restless() {
        let since = one.last_change.map_or(0, |at| one.last.0 - at.0);
        if since >= 6 * Micros::HOUR && one.unchanged >= UNCHANGED_MIN {
            by_metric.entry((&one.source, &one.metric)).or_default().push(&one.subject);
        }
    }
    let found = by_metric.into_iter().map(|((source, metric), mut subjects)| {
        subjects.sort_unstable();
        subjects.dedup();
        let count = counted(subjects.len() as u64, "entity").replace("entitys", "entities");
        let what = format!("{metric} of {source} has not moved for over 6 h at {count}");
        let action = "see whether its exporter repeats an old value, and start it again";
        Found::warning(what, action).about(subjects)
    });
    Ok(Judgement { checked: restless().count() as u64, found: found.collect() })
}
