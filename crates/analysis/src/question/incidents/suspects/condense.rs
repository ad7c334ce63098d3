//! What each subject and each call did in the window: series of one meaning become one figure.

use std::collections::BTreeMap;

use super::deviation::{Deviation, Ends, deviation};
use super::facts::{SeriesOwner, SeriesRole, SuspectFacts};
use crate::parallel::in_parallel;

/// Latency of a subject or a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct LatencyChange {
    /// Severity of the rise: mean of the two worst series, so that one quantile alone does not decide.
    pub up: f64,
    /// Severity of the fall, likewise.
    pub down: f64,
    /// Greatest rise among the worst, in seconds.
    pub delta: f64,
    /// Rise of the mean in seconds; without a mean that of all quantiles together.
    pub delta_mean: f64,
    /// Whether every series that always came did not come.
    pub is_missing: bool,
    /// The worst series upward.
    pub worst: usize,
    /// The worst series downward.
    pub fastest: usize,
}

/// A series that deviates.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Odd {
    /// Severity, weighted.
    pub severity: f64,
    /// Observed less expected.
    pub delta: f64,
    /// Place of the series.
    pub series: usize,
}

/// Everything that is judged, by subject and call.
#[derive(Debug, Default)]
pub(super) struct Condensed {
    /// Deviation of each series.
    pub deviations: Vec<Option<Deviation>>,
    /// Time to answer, by subject.
    pub latency: BTreeMap<usize, LatencyChange>,
    /// Time that callers wait, by call.
    pub waited: BTreeMap<(usize, usize), LatencyChange>,
    /// Time that callees take, by call.
    pub served: BTreeMap<(usize, usize), LatencyChange>,
    /// Failures, by subject: the worst series.
    pub errors: BTreeMap<usize, Odd>,
    /// Requests per second in the window, by subject.
    pub rates: BTreeMap<usize, f64>,
    /// Everything else that deviates, by subject, worst first.
    pub resources: BTreeMap<usize, Vec<Odd>>,
}

/// A fall of a resource says less than its rise.
const FALL: f64 = 0.7;

/// Condenses all series. O(series · points).
pub(super) fn condensed(facts: &SuspectFacts, ends: &Ends<'_>) -> Condensed {
    let deviations: Vec<Option<Deviation>> =
        in_parallel(facts.series.len(), |place| deviation(&facts.series[place], ends));
    let mut all = Condensed::default();
    let mut groups: BTreeMap<(SeriesOwner, SeriesRole), Vec<usize>> = BTreeMap::new();
    let mut rates: BTreeMap<usize, BTreeMap<&str, f64>> = BTreeMap::new();
    for (place, series) in facts.series.iter().enumerate() {
        let Some(found) = &deviations[place] else { continue };
        match (series.role, series.owner) {
            (SeriesRole::Latency | SeriesRole::CallerLatency, owner) => {
                groups.entry((owner, series.role)).or_default().push(place);
            }
            (
                SeriesRole::Errors | SeriesRole::Success,
                SeriesOwner::Subject(one) | SeriesOwner::Call(_, one),
            ) => {
                let worst = all.errors.entry(one).or_default();
                if found.up() > worst.severity {
                    *worst = odd(found, found.up(), place);
                }
            }
            (SeriesRole::Rate, SeriesOwner::Subject(one)) => {
                let rate = if found.points > 0 && found.severity > 0.0 {
                    found.observed
                } else {
                    found.expected
                };
                *rates.entry(one).or_default().entry(&series.name).or_default() += rate.max(0.0);
            }
            (SeriesRole::Resource, SeriesOwner::Subject(one)) if found.severity > 0.0 => {
                let severity = found.up() + FALL * found.down();
                all.resources.entry(one).or_default().push(odd(found, severity, place));
            }
            _ => {}
        }
    }
    for ((owner, role), places) in groups {
        let change = latency(facts, &deviations, &places);
        match (owner, role) {
            (SeriesOwner::Subject(one), SeriesRole::Latency) => {
                all.latency.insert(one, change);
            }
            (SeriesOwner::Call(from, to), SeriesRole::CallerLatency) => {
                all.waited.insert((from, to), change);
            }
            (SeriesOwner::Call(from, to), _) => {
                all.served.insert((from, to), change);
            }
            (SeriesOwner::Subject(_), _) => {}
        }
    }
    for found in all.resources.values_mut() {
        found.sort_by(|a, b| {
            let name = |odd: &Odd| &facts.series[odd.series].name;
            b.severity.total_cmp(&a.severity).then_with(|| name(a).cmp(name(b)))
        });
    }
    // Of several metrics of one subject the largest counts requests; others count parts of them.
    let most =
        |(one, named): (usize, BTreeMap<&str, f64>)| (one, named.into_values().fold(0.0, f64::max));
    all.rates = rates.into_iter().map(most).collect();
    all.deviations = deviations;
    all
}

fn odd(found: &Deviation, severity: f64, series: usize) -> Odd {
    Odd { severity, delta: found.delta(), series }
}

fn latency(
    facts: &SuspectFacts,
    deviations: &[Option<Deviation>],
    places: &[usize],
) -> LatencyChange {
    let known: Vec<(usize, &Deviation)> =
        places.iter().filter_map(|place| Some((*place, deviations[*place].as_ref()?))).collect();
    let sorted = |severity: fn(&Deviation) -> f64| {
        let mut all = known.clone();
        all.sort_by(|a, b| severity(b.1).total_cmp(&severity(a.1)).then(a.0.cmp(&b.0)));
        all.truncate(2);
        all
    };
    let (slow, fast) = (sorted(Deviation::up), sorted(Deviation::down));
    let mean = |all: &[(usize, &Deviation)], severity: fn(&Deviation) -> f64| {
        all.iter().map(|one| severity(one.1)).sum::<f64>() / all.len().max(1) as f64
    };
    let is_mean = |one: &&(usize, &Deviation)| facts.series[one.0].statistic == "mean";
    let rises = |all: Vec<&(usize, &Deviation)>| {
        let count = all.len();
        let sum: f64 = all.iter().map(|one| one.1.delta().max(0.0)).sum();
        (count > 0).then(|| sum / count as f64)
    };
    let delta_mean = rises(known.iter().filter(is_mean).collect())
        .or_else(|| rises(known.iter().collect()))
        .unwrap_or(0.0);
    let up = |one: &&(usize, &Deviation)| one.1.is_up();
    LatencyChange {
        up: mean(&slow, Deviation::up),
        down: mean(&fast, Deviation::down),
        delta: slow.iter().filter(up).map(|one| one.1.delta()).fold(0.0, f64::max),
        delta_mean,
        is_missing: !known.is_empty() && known.iter().all(|one| one.1.is_missing),
        worst: slow.first().map_or(0, |one| one.0),
        fastest: fast.first().map_or(0, |one| one.0),
    }
}
