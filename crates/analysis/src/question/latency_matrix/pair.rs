//! Calls of one pair in buckets, from the one source that answers for it; pairs with few calls get longer
//! buckets. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::fact::{CallBucket, CallSeriesFact};
use model::series::Bin;

use super::params::MatrixSide;
use crate::calls::SPANS;
use crate::grid::Grid;
use crate::judged_series::Values;
use crate::series::cumulative::{Cumulative, cumulative, merged, quantile};
use crate::series::percentile::{median, sorted};

/// Calls that a median of a bucket needs; twice what it takes, so that most buckets have one.
const CALLS_WANTED: f64 = 20.0;

/// Buckets that are left at least when they are put together.
const BUCKETS_MIN: usize = 36;

/// The source of a pair, with those that were left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PairSource {
    /// The source that answers.
    pub source: String,
    /// The others.
    pub others: Vec<String>,
    /// Whether its counts are of an unknown sample.
    pub is_sampled: bool,
}

/// Calls of one pair on a grid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairPeriod {
    /// Buckets.
    pub grid: Grid,
    /// Calls and failures; a gap is `None`.
    pub counts: Vec<Option<(f64, f64)>>,
    /// Durations of the judged side.
    pub durations: Vec<Option<Cumulative>>,
}

fn source_of(fact: &CallSeriesFact) -> String {
    if fact.origin.is_empty() { SPANS.to_owned() } else { fact.origin.clone() }
}

/// Another tool that counted every call answers before spans, then the source with the most buckets,
/// then with the most calls, then the first by name.
pub(super) fn source(facts: &[CallSeriesFact]) -> Option<PairSource> {
    let mut ranks: BTreeMap<String, (bool, usize, u64)> = BTreeMap::new();
    for fact in facts {
        let calls: u64 = fact.buckets.iter().map(|bucket| bucket.calls).sum();
        let held = ranks.entry(source_of(fact)).or_default();
        *held = (!fact.origin.is_empty(), held.1 + fact.buckets.len(), held.2 + calls);
    }
    let best = ranks
        .iter()
        .max_by(|(name_a, a), (name_b, b)| a.cmp(b).then(name_b.cmp(name_a)))
        .map(|(name, _)| name.clone())?;
    let of_best = || facts.iter().filter(|fact| source_of(fact) == best);
    let is_sampled = of_best().any(|fact| !fact.is_scaled);
    let names: BTreeSet<String> = ranks.into_keys().filter(|name| *name != best).collect();
    Some(PairSource { source: best, others: names.into_iter().collect(), is_sampled })
}

/// The side whose durations are judged: the one asked for, or the other where it has none.
pub(super) fn side(facts: &[CallSeriesFact], source: &str, asked: MatrixSide) -> MatrixSide {
    let has = |bins: fn(&CallBucket) -> &Vec<(Bin, u64)>| {
        let of_source = facts.iter().filter(|fact| source_of(fact) == source);
        of_source.flat_map(|fact| &fact.buckets).any(|bucket| !bins(bucket).is_empty())
    };
    match (asked, has(|bucket| &bucket.client_bins), has(|bucket| &bucket.server_bins)) {
        (MatrixSide::Client, false, true) => MatrixSide::Server,
        (MatrixSide::Server, true, false) => MatrixSide::Client,
        (asked, ..) => asked,
    }
}

impl PairPeriod {
    /// Calls of one source on a grid.
    pub fn of(facts: &[CallSeriesFact], source: &str, side: MatrixSide, grid: Grid) -> Self {
        let mut counts = vec![None; grid.count];
        let mut bins: Vec<BTreeMap<Bin, u64>> = vec![BTreeMap::new(); grid.count];
        for fact in facts.iter().filter(|fact| source_of(fact) == source) {
            for bucket in &fact.buckets {
                let Some(place) = grid.place(bucket.at) else { continue };
                let (calls, errors) = counts[place].unwrap_or((0.0, 0.0));
                counts[place] = Some((calls + bucket.calls as f64, errors + bucket.errors as f64));
                let durations = match side {
                    MatrixSide::Client => &bucket.client_bins,
                    MatrixSide::Server => &bucket.server_bins,
                };
                for (bin, count) in durations {
                    let held = bins[place].entry(*bin).or_default();
                    *held = held.saturating_add(*count);
                }
            }
        }
        let found = |bins: BTreeMap<Bin, u64>| (!bins.is_empty()).then(|| cumulative(bins));
        Self { grid, counts, durations: bins.into_iter().map(found).collect() }
    }

    /// How many buckets are put together so that most hold enough calls for a median.
    pub fn factor(&self) -> usize {
        let calls = sorted(self.counts.iter().flatten().map(|one| one.0));
        let usual = median(&calls).unwrap_or(0.0);
        let wanted = (CALLS_WANTED / usual.max(1e-9)).ceil().max(1.0) as usize;
        wanted.min((self.grid.count / BUCKETS_MIN).max(1))
    }

    /// The same with `factor` buckets put together, counted from the end; what is left over at the start
    /// is left out.
    pub fn condensed(&self, factor: usize) -> Self {
        if factor <= 1 {
            return self.clone();
        }
        let count = self.grid.count / factor;
        let skipped = self.grid.count - count * factor;
        let grid =
            Grid { from: self.grid.at(skipped), step: self.grid.step * factor as i64, count };
        let counts = self.counts.get(skipped..).unwrap_or_default().chunks(factor).map(|chunk| {
            let held: Vec<(f64, f64)> = chunk.iter().copied().flatten().collect();
            let add = |sum: (f64, f64), one: &(f64, f64)| (sum.0 + one.0, sum.1 + one.1);
            (!held.is_empty()).then(|| held.iter().fold((0.0, 0.0), add))
        });
        let durations =
            self.durations.get(skipped..).unwrap_or_default().chunks(factor).map(|chunk| {
                let all = merged(chunk.iter().flatten());
                (!all.is_empty()).then_some(all)
            });
        Self { grid, counts: counts.collect(), durations: durations.collect() }
    }

    /// Durations at a quantile, by bucket.
    pub fn at_quantile(&self, share: f64) -> Values {
        let at = |buckets: &Option<Cumulative>| quantile(buckets.as_ref()?, share).ok();
        self.durations.iter().map(at).collect()
    }

    /// All durations of the first `buckets` buckets.
    pub fn all_durations(&self, buckets: usize) -> Cumulative {
        merged(self.durations.iter().take(buckets).flatten())
    }

    /// Calls and failures of the first `buckets` buckets.
    pub fn totals(&self, buckets: usize) -> (f64, f64) {
        let held = self.counts.iter().take(buckets).flatten();
        held.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{EntityId, Micros};

    fn fact(origin: &str, calls: &[u64]) -> CallSeriesFact {
        let bucket = |(place, calls): (usize, &u64)| CallBucket {
            at: Micros(place as i64 * Micros::MINUTE),
            calls: *calls,
            errors: 0,
            client_bins: vec![(Bin::of(0.1), *calls)],
            server_bins: Vec::new(),
        };
        CallSeriesFact {
            client: EntityId(1),
            server: EntityId(2),
            is_asynchronous: false,
            is_scaled: !origin.is_empty(),
            origin: origin.to_owned(),
            buckets: calls.iter().enumerate().map(bucket).collect(),
        }
    }

    #[test]
    fn one_source_answers_and_few_calls_make_longer_buckets() {
        let facts = [fact("", &[5; 72]), fact("mesh", &[50; 4])];
        let found = source(&facts).unwrap();
        assert_eq!((found.source.as_str(), found.others.as_slice()), ("mesh", &[SPANS.into()][..]));
        assert!(!found.is_sampled);
        assert_eq!(side(&facts, SPANS, MatrixSide::Server), MatrixSide::Client);
        let grid = Grid { from: Micros(0), step: Micros::MINUTE, count: 73 };
        let period = PairPeriod::of(&facts, SPANS, MatrixSide::Client, grid);
        assert_eq!(period.factor(), 2);
        let condensed = period.condensed(2);
        assert_eq!((condensed.grid.count, condensed.grid.from), (36, Micros(Micros::MINUTE)));
        assert_eq!(condensed.counts[0], Some((10.0, 0.0)));
        assert_eq!(condensed.totals(36), (355.0, 0.0));
        let median = condensed.at_quantile(0.5)[0].unwrap();
        assert!((median / 0.1 - 1.0).abs() < 0.02);
        assert_eq!(condensed.at_quantile(0.95)[0], None);
    }
}
