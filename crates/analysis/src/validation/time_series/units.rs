//! Values are of the unit of their signal. Ratios of a whole stay about 1, nothing that is counted or
//! measured falls below 0, no request takes an hour on average, and what is used does not exceed ten times
//! what there is.

use std::collections::BTreeMap;

use model::fact::SeriesConditionFact;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "units",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Critical,
    title: "Units",
    says: "values are of the unit of their signal",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Signals that are a share of a whole.
const SHARES: [&str; 7] = [
    "cache_hit_ratio",
    "cpu_utilization_ratio",
    "disk_utilization_ratio",
    "error_ratio",
    "memory_utilization_ratio",
    "ready_ratio",
    "up_ratio",
];
/// Mean of a share above which it is a percentage; bursts reach a little above 1.
const SHARE_MAX: f64 = 1.5;
/// Durations of single requests and operations.
const DURATIONS: [&str; 3] = ["latency_seconds", "read_latency_seconds", "write_latency_seconds"];
/// Mean of a duration above which it is of a smaller unit, in seconds.
const DURATION_MAX_SECS: f64 = 3_600.0;
/// Signals that tell "not known" by a negative number.
const MAY_BE_NEGATIVE: [&str; 1] = ["replica_lag_seconds"];
/// What is used, and of what.
const PARTS: [(&str, &str); 5] = [
    ("connection_count", "connection_limit"),
    ("disk_free_bytes", "disk_size_bytes"),
    ("memory_available_bytes", "memory_size_bytes"),
    ("memory_used_bytes", "memory_limit_bytes"),
    ("memory_used_bytes", "memory_size_bytes"),
];
/// How far a part may exceed its whole before the unit is wrong rather than the machine.
const PART_MAX: f64 = 10.0;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let series = facts.series.as_ref().map_err(Clone::clone)?;
    let known = || series.iter().filter(|one| one.signal.is_some());
    let wholes = wholes(known());
    let mut wrong: BTreeMap<(&str, &str, String), Vec<&str>> = BTreeMap::new();
    for one in known() {
        if let Some(why) = why_wrong(one, &wholes) {
            wrong.entry((&one.source, &one.metric, why)).or_default().push(&one.subject);
        }
    }
    let found = wrong.into_iter().map(|((source, metric, why), mut subjects)| {
        subjects.sort_unstable();
        subjects.dedup();
        let what = format!("{metric} of {source} {why}, at {} of its subjects", subjects.len());
        let action = "state what the metric measures with `--signal METRIC=SIGNAL` or its unit where \
                      it is exported, and read it again";
        Found::failed(what, action).about(subjects)
    });
    Ok(Judgement { checked: known().count() as u64, found: found.collect() })
}

/// The greatest value of each whole, by subject and signal.
fn wholes<'a>(
    series: impl Iterator<Item = &'a SeriesConditionFact>,
) -> BTreeMap<(&'a str, &'a str), f64> {
    let mut found: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for one in series {
        let signal = one.signal.as_deref().unwrap_or_default();
        if PARTS.iter().any(|(_, whole)| *whole == signal) {
            let held = found.entry((&one.subject, signal)).or_insert(one.max);
            *held = held.max(one.max);
        }
    }
    found
}

fn why_wrong(one: &SeriesConditionFact, wholes: &BTreeMap<(&str, &str), f64>) -> Option<String> {
    let signal = one.signal.as_deref()?;
    if one.is_counter {
        return None;
    }
    if SHARES.contains(&signal) && one.mean > SHARE_MAX {
        return Some(format!("is read as {signal} and lies far above 1, as percentages do"));
    }
    if one.min < 0.0 && !MAY_BE_NEGATIVE.contains(&signal) {
        return Some(format!("is read as {signal} and falls below 0"));
    }
    if DURATIONS.contains(&signal) && one.mean > DURATION_MAX_SECS {
        return Some(format!("is read as {signal} and is over an hour on average"));
    }
    let of = |whole: &'static str| {
        let held = wholes.get(&(one.subject.as_str(), whole)).copied()?;
        (held > 0.0 && one.mean > held * PART_MAX).then_some(whole)
    };
    let whole =
        PARTS.iter().filter(|(part, _)| *part == signal).find_map(|(_, whole)| of(whole))?;
    Some(format!("is read as {signal} and is over ten times the {whole} of the same"))
}

#[cfg(test)]
mod tests {
    use model::Micros;

    use super::*;

    fn series(signal: &str, min: f64, mean: f64, max: f64) -> SeriesConditionFact {
        SeriesConditionFact {
            source: "s".into(),
            metric: signal.into(),
            signal: Some(signal.into()),
            is_counter: false,
            subject: "x".into(),
            labels: 1,
            samples: 50,
            last: Micros(1),
            repeated: 0,
            future: 0,
            falls: 0,
            min,
            mean,
            max,
            distinct: 30,
            last_change: None,
            unchanged: 0,
            fingerprint: 1,
        }
    }

    fn found(series: Vec<SeriesConditionFact>) -> usize {
        let mut facts = ValidationFacts::nothing();
        facts.series = Ok(series);
        judge(&facts).unwrap().found.len()
    }

    #[test]
    fn percentages_milliseconds_and_kilobytes_are_told() {
        assert_eq!(found(vec![series("cpu_utilization_ratio", 4.0, 35.0, 90.0)]), 1);
        assert_eq!(found(vec![series("latency_seconds", 1e3, 250e3, 1e6)]), 1);
        assert_eq!(found(vec![series("queue_length", -3.0, 2.0, 9.0)]), 1);
        let limit = series("memory_limit_bytes", 1e6, 1e6, 1e6);
        assert_eq!(found(vec![limit, series("memory_used_bytes", 1e8, 5e8, 9e8)]), 1);
    }

    #[test]
    fn bursts_and_signs_of_the_unknown_are_right() {
        assert_eq!(found(vec![series("cpu_utilization_ratio", 0.1, 0.9, 1.8)]), 0);
        assert_eq!(found(vec![series("replica_lag_seconds", -1.0, -1.0, -1.0)]), 0);
        let limit = series("memory_limit_bytes", 1e9, 1e9, 1e9);
        assert_eq!(found(vec![limit, series("memory_used_bytes", 1e8, 11e8, 12e8)]), 0);
        assert_eq!(found(vec![series("saturation_ratio", 1.0, 3.0, 9.0)]), 0);
    }
}
