//! Nothing is held twice: no sample at an instant that has one, no series of one source that repeats
//! another source's to the last sample, no input read under two sources, no bill counted twice.

use std::collections::{BTreeMap, BTreeSet};

use model::fact::SeriesConditionFact;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "duplicates",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Major,
    title: "Duplicates",
    says: "no sample, series, export or bill is held twice",
    affects: ValidationAffected::Source,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Fewest samples, and different values among them, that cannot agree by chance.
const SAMPLES_MIN: u64 = 12;
const DISTINCT_MIN: u64 = 3;
/// An export that is read twice repeats most of itself; a sensor that two collectors read is one series
/// of many.
const REPEATED_SHARE_MIN: f64 = 0.1;
/// Fewest records of an input that cannot agree by chance: lists without anything in them do.
const RECORDS_MIN: u64 = 10;
/// Fewest rows of a bill, likewise.
const ROWS_MIN: u64 = 10;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let series = facts.series.as_ref().map_err(Clone::clone)?;
    let ledger = facts.ledger.as_ref().map_err(Clone::clone)?;
    let bills = facts.bills.as_ref().map_err(Clone::clone)?;
    let checked = series.len() + ledger.len() + bills.len();
    let mut found = repeated_inputs(facts)?;
    // What an input read twice brought twice is told once, by its sources.
    let told: BTreeSet<Vec<String>> = found.iter().map(|one| one.affected.clone()).collect();
    found.extend(repeated_series(facts)?.into_iter().filter(|one| !told.contains(&one.affected)));
    found.extend(repeated_samples(facts)?);
    found.extend(repeated_bills(facts)?);
    Ok(Judgement { checked: checked as u64, found })
}

fn repeated_samples(facts: &ValidationFacts) -> Result<Vec<Found>, Unjudged> {
    let mut by_source: BTreeMap<&str, u64> = BTreeMap::new();
    for one in facts.series.as_ref().map_err(Clone::clone)? {
        *by_source.entry(&one.source).or_default() += one.repeated;
    }
    let found = by_source.into_iter().filter(|(_, count)| *count > 0).map(|(source, count)| {
        let count = counted(count, "sample");
        let what = format!("{count} of {source} stand at an instant that has one already");
        let action = "the store keeps one sample an instant, so somebody wrote past it: restore a \
                      backup, or read the source into a new data folder";
        Found::failed(what, action).about([source])
    });
    Ok(found.collect())
}

fn repeated_series(facts: &ValidationFacts) -> Result<Vec<Found>, Unjudged> {
    let mut same: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    let telling =
        |one: &&SeriesConditionFact| one.samples >= SAMPLES_MIN && one.distinct >= DISTINCT_MIN;
    for one in facts.series.as_ref().map_err(Clone::clone)?.iter().filter(telling) {
        let key = (&one.subject, &one.metric, one.labels, one.samples, one.fingerprint);
        same.entry(key).or_default().insert(&one.source);
        *all.entry(&one.source).or_default() += 1;
    }
    let mut pairs: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for sources in same.into_values().filter(|sources| sources.len() > 1) {
        *pairs.entry(sources.into_iter().collect()).or_default() += 1;
    }
    let is_export = |(sources, count): &(Vec<&str>, u64)| {
        let fewest = sources.iter().filter_map(|source| all.get(source)).min();
        fewest.is_some_and(|fewest| *count as f64 >= REPEATED_SHARE_MIN * *fewest as f64)
    };
    let found = pairs.into_iter().filter(is_export).map(|(sources, count)| {
        let count = counted(count, "series").replace("seriess", "series");
        let what = format!("{count} are the same to the last sample in {}", sources.join(" and "));
        let action = "let one of the sources deliver only; sums over both count twice";
        Found::failed(what, action).about(sources)
    });
    Ok(found.collect())
}

fn repeated_inputs(facts: &ValidationFacts) -> Result<Vec<Found>, Unjudged> {
    let mut by_bytes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in facts.ledger.as_ref().map_err(Clone::clone)? {
        let records: u64 = one.outcome.read.iter().map(|(_, count)| count).sum();
        if one.is_finished && records >= RECORDS_MIN {
            by_bytes.entry(&one.input.content_hash).or_default().insert(&one.input.source);
        }
    }
    let mut pairs: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for sources in by_bytes.into_values().filter(|sources| sources.len() > 1) {
        *pairs.entry(sources.into_iter().collect()).or_default() += 1;
    }
    let found = pairs.into_iter().map(|(sources, count)| {
        let count = counted(count, "input");
        let what = format!("{count} were read under several sources: {}", sources.join(" and "));
        let action = "the same bytes cannot come from two places: see which cluster, account or name \
                      was given with `--cluster` and the like, and retire what the wrong one brought";
        Found::failed(what, action).about(sources)
    });
    Ok(found.collect())
}

fn repeated_bills(facts: &ValidationFacts) -> Result<Vec<Found>, Unjudged> {
    let mut same: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let bills = facts.bills.as_ref().map_err(Clone::clone)?;
    for one in bills.iter().filter(|one| one.state == "counted" && one.rows >= ROWS_MIN) {
        let billed: Vec<String> =
            one.billed.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
        let key = (&one.billing_account, one.billing_period, one.rows, billed.join(", "));
        same.entry(key).or_default().push(&one.name);
    }
    let twice = same.into_iter().filter(|(_, names)| names.len() > 1);
    let found = twice.map(|((account, period, rows, billed), names)| {
        let what = format!(
            "{} deliveries of {account} from {period} on count with {rows} rows and {billed} each: {}",
            names.len(),
            names.join(", ")
        );
        let action = "take the last one back: `ubiquitous decide undo` of what let it add";
        Found::failed(what, action).about([account.as_str()])
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use model::Micros;

    use super::*;

    fn series(source: &str, fingerprint: u64, distinct: u64) -> SeriesConditionFact {
        SeriesConditionFact {
            source: source.into(),
            metric: "m".into(),
            signal: None,
            is_counter: false,
            subject: "x".into(),
            labels: 1,
            samples: 50,
            last: Micros(1),
            repeated: 0,
            future: 0,
            falls: 0,
            min: 0.0,
            mean: 1.0,
            max: 2.0,
            distinct,
            last_change: None,
            unchanged: 0,
            fingerprint,
        }
    }

    #[test]
    fn only_the_same_values_of_two_sources_are_a_duplicate() {
        let mut facts = ValidationFacts::nothing();
        (facts.ledger, facts.bills) = (Ok(Vec::new()), Ok(Vec::new()));
        facts.series = Ok(vec![series("a", 7, 9), series("b", 7, 9), series("c", 8, 9)]);
        let found = judge(&facts).unwrap().found;
        assert_eq!((found.len(), found[0].affected.join(" ")), (1, "a b".to_owned()));
        // One series of many is a sensor that both collect.
        let others = (0..20).flat_map(|n| [series("a", 100 + n, 9), series("b", 200 + n, 9)]);
        let mut many: Vec<_> = others.collect();
        many.extend([series("a", 7, 9), series("b", 7, 9)]);
        facts.series = Ok(many);
        assert!(judge(&facts).unwrap().found.is_empty());
        // Two flat lines agree by chance.
        facts.series = Ok(vec![series("a", 7, 1), series("b", 7, 1)]);
        assert!(judge(&facts).unwrap().found.is_empty());
    }
}
