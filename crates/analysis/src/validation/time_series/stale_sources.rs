//! A source that delivers regularly has delivered lately: its newest sample, or the time of its newest
//! export, is no further behind the newest of all than four of its own steps, and an hour. A source that
//! has been silent for longer than it ever spoke has ended, and one without a regular step has no due
//! time; neither is named.

use std::collections::BTreeMap;

use model::Micros;

use super::length;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "stale_sources",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Critical,
    title: "Freshness of sources",
    says: "every source that delivers regularly has delivered lately",
    affects: ValidationAffected::Source,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Steps that may be missed.
const STEPS_MAX: i64 = 4;
/// A step is regular when nine in ten are at most this many times the median.
const REGULAR_MAX: i64 = 2;
/// Fewest instants of samples, and of exports, that show a step.
const INSTANTS_MIN: u64 = 12;
const EXPORTS_MIN: usize = 4;

/// When a source delivered.
struct Delivery {
    first: i64,
    last: i64,
    step: i64,
}

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let sampled = sampled(facts)?;
    let exported = exported(facts)?;
    let newest_export = newest_export(facts)?;
    let mut judgement = Judgement::default();
    let samples = sampled.iter().map(|(source, one)| (source, one, facts.newest));
    let exports = exported.iter().filter(|(source, _)| !sampled.contains_key(*source));
    let exports = exports.map(|(source, one)| (source, one, newest_export));
    for (source, one, newest) in samples.chain(exports) {
        judgement.checked += 1;
        let Some(newest) = newest else { continue };
        let late = newest.0.saturating_sub(one.last);
        let is_ended = late > one.last - one.first;
        if late <= (one.step * STEPS_MAX).max(Micros::HOUR) || is_ended {
            continue;
        }
        let (last, late) = (Micros(one.last), length(late));
        let what = format!(
            "{source} was last heard of at {last}, {late} behind the newest data; it delivers every {}",
            length(one.step)
        );
        let action = format!("see that what delivers {source} runs and reaches this program");
        judgement.found.push(Found::failed(what, action).about([source.as_str()]));
    }
    Ok(judgement)
}

/// Sources of samples with a regular step: the metric with the shortest step tells it.
fn sampled(facts: &ValidationFacts) -> Result<BTreeMap<String, Delivery>, Unjudged> {
    let mut found: BTreeMap<String, Delivery> = BTreeMap::new();
    for one in facts.cadence.as_ref().map_err(Clone::clone)? {
        let (first, last) = (one.first.0, one.last.0.min(facts.now.0));
        let is_regular = one.instants >= INSTANTS_MIN
            && one.spacing > 0
            && one.spacing_high <= one.spacing * REGULAR_MAX;
        if let Some(known) = found.get_mut(&one.source) {
            (known.first, known.last) = (known.first.min(first), known.last.max(last));
            if is_regular {
                known.step = known.step.min(one.spacing);
            }
        } else if is_regular {
            found.insert(one.source.clone(), Delivery { first, last, step: one.spacing });
        }
    }
    Ok(found)
}

/// Sources of whole exports with a regular step.
fn exported(facts: &ValidationFacts) -> Result<BTreeMap<String, Delivery>, Unjudged> {
    let mut instants: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for one in facts.ledger.as_ref().map_err(Clone::clone)?.iter().filter(|one| one.is_finished) {
        instants.entry(&one.input.source).or_default().push(one.input.observed_at.0);
    }
    let mut found = BTreeMap::new();
    for (source, mut all) in instants {
        all.sort_unstable();
        all.dedup();
        if all.len() < EXPORTS_MIN {
            continue;
        }
        let mut steps: Vec<i64> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let (step, longest) = (steps[steps.len() / 2], steps[steps.len() - 1]);
        if longest <= step * REGULAR_MAX {
            let (first, last) = (all[0], all[all.len() - 1]);
            found.insert(source.to_owned(), Delivery { first, last, step });
        }
    }
    Ok(found)
}

fn newest_export(facts: &ValidationFacts) -> Result<Option<Micros>, Unjudged> {
    let ledger = facts.ledger.as_ref().map_err(Clone::clone)?;
    let finished = ledger.iter().filter(|one| one.is_finished);
    Ok(finished.map(|one| one.input.observed_at.min(facts.now)).max())
}

#[cfg(test)]
mod tests {
    use model::fact::CadenceFact;

    use super::*;

    fn source(name: &str, hours_late: i64, hours_long: i64, spacing_high: i64) -> CadenceFact {
        let last = 1_799_000_000_000_000 - hours_late * Micros::HOUR;
        CadenceFact {
            source: name.into(),
            metric: "m".into(),
            instants: 100,
            first: Micros(last - hours_long * Micros::HOUR),
            last: Micros(last),
            spacing: 5 * Micros::MINUTE,
            spacing_high,
            gaps: Vec::new(),
        }
    }

    #[test]
    fn only_a_regular_source_that_still_spoke_lately_is_late() {
        let even = 5 * Micros::MINUTE;
        let mut facts = ValidationFacts::nothing();
        facts.newest = Some(Micros(1_799_000_000_000_000));
        facts.ledger = Ok(Vec::new());
        facts.cadence = Ok(vec![
            source("ended", 48, 24, even),
            source("fresh", 0, 48, even),
            source("late", 3, 48, even),
            source("not due", 1, 48, even),
            source("now and then", 3, 48, 90 * even),
        ]);
        let judgement = judge(&facts).unwrap();
        assert_eq!(judgement.checked, 4);
        let named: Vec<&str> = judgement.found.iter().map(|one| one.affected[0].as_str()).collect();
        assert_eq!(named, ["late"]);
    }
}
