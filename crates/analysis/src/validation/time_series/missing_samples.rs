//! A source that delivers regularly leaves no stretch out. The step is that of the twelve samples on
//! either side, the longer of the two, so that a change of step is no gap. A stretch is missing when it
//! lasts beyond one step for nine tenths of a step, for four steps or 50 minutes, whichever is less, and
//! for ten minutes.

use std::collections::{BTreeMap, BTreeSet};

use model::Micros;
use model::fact::{CadenceFact, GapFact};

use super::length;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "missing_samples",
    family: ValidationFamily::TimeSeries,
    severity: ValidationSeverity::Major,
    title: "Gaps",
    says: "no source that delivers regularly leaves a stretch out",
    affects: ValidationAffected::Source,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let cadence = facts.cadence.as_ref().map_err(Clone::clone)?;
    let mut by_source: BTreeMap<&str, Vec<&CadenceFact>> = BTreeMap::new();
    for one in cadence {
        by_source.entry(&one.source).or_default().push(one);
    }
    let mut judgement = Judgement { checked: cadence.len() as u64, found: Vec::new() };
    for (source, metrics) in by_source {
        for stretch in stretches(&metrics) {
            let missing = length(stretch.to - stretch.from - stretch.step);
            let (from, to) = (Micros(stretch.from), Micros(stretch.to));
            let count = counted(stretch.metrics.len() as u64, "metric");
            let what = format!(
                "{source} has no sample of {count} of {} for {missing}, between {from} and {to}",
                metrics.len()
            );
            let action = format!(
                "read the samples of {source} from {from} to {to} again, or accept that they are lost"
            );
            // When most of a source is missing the source was away; else a part of it was.
            let found = if stretch.metrics.len() * 2 >= metrics.len() {
                Found::failed(what, action)
            } else {
                Found::warning(what, action)
            };
            judgement.found.push(found.about([source]));
        }
    }
    Ok(judgement)
}

/// A stretch that some metrics of a source lack.
struct Stretch<'a> {
    from: i64,
    to: i64,
    step: i64,
    metrics: BTreeSet<&'a str>,
}

/// Stretches in order of time; those that overlap are one, as long as the longest.
fn stretches<'a>(metrics: &[&'a CadenceFact]) -> Vec<Stretch<'a>> {
    let mut gaps: Vec<(&GapFact, &str)> = metrics
        .iter()
        .flat_map(|one| one.gaps.iter().map(move |gap| (gap, one.metric.as_str())))
        .filter(|(gap, _)| is_missing(gap))
        .collect();
    gaps.sort_by_key(|(gap, _)| (gap.from, gap.to));
    let mut found: Vec<Stretch<'a>> = Vec::new();
    for (gap, metric) in gaps {
        match found.last_mut().filter(|last| gap.from.0 < last.to) {
            Some(last) => {
                if gap.to.0 - gap.from.0 > last.to - last.from {
                    (last.from, last.to, last.step) = (gap.from.0, gap.to.0, gap.spacing);
                }
                last.metrics.insert(metric);
            }
            None => found.push(Stretch {
                from: gap.from.0,
                to: gap.to.0,
                step: gap.spacing,
                metrics: [metric].into(),
            }),
        }
    }
    found
}

fn is_missing(gap: &GapFact) -> bool {
    let missing = gap.to.0 - gap.from.0 - gap.spacing;
    let few = (gap.spacing.saturating_mul(4)).min(50 * Micros::MINUTE);
    missing >= few.max(gap.spacing / 10 * 9).max(10 * Micros::MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(minutes: i64, step_minutes: i64) -> GapFact {
        let (from, spacing) = (Micros(0), step_minutes * Micros::MINUTE);
        GapFact { from, to: Micros(minutes * Micros::MINUTE), spacing }
    }

    #[test]
    fn what_is_missing_depends_on_the_step() {
        // A missing hour of five-minute, one-minute and hourly samples.
        assert!(is_missing(&gap(65, 5)) && is_missing(&gap(61, 1)) && is_missing(&gap(120, 60)));
        // One scrape missed, a restart of some minutes, a step that is a little longer.
        assert!(!is_missing(&gap(10, 5)) && !is_missing(&gap(9, 1)) && !is_missing(&gap(90, 60)));
        // A missing day of daily samples.
        assert!(is_missing(&gap(2 * 1_440, 1_440)));
    }

    #[test]
    fn a_stretch_that_most_metrics_lack_is_one_failure() {
        let metric = |metric: &str, gaps: Vec<GapFact>| CadenceFact {
            source: "s".into(),
            metric: metric.into(),
            instants: 100,
            first: Micros(0),
            last: Micros(Micros::DAY),
            spacing: 5 * Micros::MINUTE,
            spacing_high: 5 * Micros::MINUTE,
            gaps,
        };
        let mut facts = ValidationFacts::nothing();
        facts.cadence = Ok(vec![metric("a", vec![gap(65, 5)]), metric("b", vec![gap(70, 5)])]);
        let found = judge(&facts).unwrap().found;
        assert_eq!((found.len(), found[0].affected.clone()), (1, vec!["s".to_owned()]));
        assert!(found[0].what.contains("2 metrics of 2 for 1.1 h"), "{}", found[0].what);
    }
}
