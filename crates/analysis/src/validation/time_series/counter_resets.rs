//! A counter rises; it falls only when what counts starts again. One that falls at more than a fifth of
//! its samples is none.

use std::collections::BTreeMap;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "counter_resets",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Minor,
    title: "Counters that fall",
    says: "every counter rises but for restarts",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Fewest samples that tell.
const SAMPLES_MIN: u64 = 24;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let series = facts.series.as_ref().map_err(Clone::clone)?;
    let counters = || series.iter().filter(|one| one.is_counter && one.samples >= SAMPLES_MIN);
    let mut by_metric: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for one in counters().filter(|one| one.falls * 5 > one.samples) {
        by_metric.entry((&one.source, &one.metric)).or_default().push(&one.subject);
    }
    let found = by_metric.into_iter().map(|((source, metric), mut subjects)| {
        let count = counted(subjects.len() as u64, "series").replace("seriess", "series");
        subjects.sort_unstable();
        subjects.dedup();
        let what =
            format!("{metric} of {source} is called a counter and falls again and again ({count})");
        let action = "correct its type where it is exported; its rate means nothing as it is";
        Found::warning(what, action).about(subjects)
    });
    Ok(Judgement { checked: counters().count() as u64, found: found.collect() })
}
