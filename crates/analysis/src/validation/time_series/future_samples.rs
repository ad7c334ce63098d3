//! No sample is of a time to come.

use std::collections::BTreeMap;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "future_samples",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Major,
    title: "Samples of the future",
    says: "no sample is of a time to come",
    affects: ValidationAffected::Source,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let series = facts.series.as_ref().map_err(Clone::clone)?;
    let mut by_source: BTreeMap<&str, u64> = BTreeMap::new();
    for one in series.iter().filter(|one| one.future > 0) {
        *by_source.entry(&one.source).or_default() += one.future;
    }
    let found = by_source.into_iter().map(|(source, count)| {
        let count = counted(count, "sample");
        let what = format!("{count} of {source} are later than {}", facts.now);
        let action = format!("set the clock and the time zone of what delivers {source}");
        Found::failed(what, action).about([source])
    });
    Ok(Judgement { checked: series.len() as u64, found: found.collect() })
}
