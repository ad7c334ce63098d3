//! Percentiles of durations. Order of sources: histograms in bins, classic buckets, quantiles as
//! senders reported them. Percentiles are never averaged, and one that has too few values behind it
//! is absent: n·(1−q) must be at least 5.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::fact::SignalFact;
use model::measure::Measure;
use model::series::{Bin, SeriesType};

use super::read::increase;
use super::shape::{Bound, ReportedQuantile};

/// Values beyond a percentile that it needs.
const BEYOND: f64 = 5.0;

/// Whether n values are enough for the quantile; the small slack is for rounding of 1 − q.
fn is_enough(n: u64, quantile: f64) -> bool {
    n as f64 * (1.0 - quantile) >= BEYOND - 1e-9
}

fn too_few(n: u64) -> Measure {
    Measure::absent("s", Absence::TooLittleData.because(format!("too few, n = {n}"))).of(n)
}

/// The nearest rank among values in bins: the value of the bin that holds the ⌈q·n⌉-th.
pub(crate) fn of_bins(bins: &[(Bin, u64)], quantile: f64) -> Measure {
    let mut counts: BTreeMap<Ordered, u64> = BTreeMap::new();
    for (bin, count) in bins {
        let sum = counts.entry(Ordered(bin.value())).or_default();
        *sum = sum.saturating_add(*count);
    }
    let n = counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    if !is_enough(n, quantile) {
        return too_few(n);
    }
    let rank = ((quantile * n as f64).ceil() as u64).max(1);
    let mut seen = 0_u64;
    for (value, count) in &counts {
        seen = seen.saturating_add(*count);
        if seen >= rank {
            return Measure::new(value.0, "s").of(n);
        }
    }
    too_few(n)
}

/// A value in its natural order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Counts of a classic histogram over the window, by upper bound; cumulative.
pub(super) fn classic(series: &[&SignalFact]) -> Vec<(f64, f64)> {
    let mut bounds: BTreeMap<Ordered, f64> = BTreeMap::new();
    for fact in series.iter().filter(|fact| fact.series_type == SeriesType::Bucket) {
        let bound = fact.labels.get("le").and_then(|le| match le.as_str() {
            "+Inf" | "Inf" => Some(f64::INFINITY),
            text => text.parse().ok().filter(|bound: &f64| !bound.is_nan()),
        });
        if let Some(bound) = bound {
            *bounds.entry(Ordered(bound)).or_default() += increase(fact);
        }
    }
    bounds.into_iter().map(|(bound, count)| (bound.0, count)).collect()
}

/// PromQL's `histogram_quantile`: linear within the bucket that holds the rank; the bucket's ends are
/// what is truly known.
pub(super) fn of_classic(bounds: &[(f64, f64)], quantile: f64) -> (Measure, Option<Bound>) {
    let Some((last, _)) = bounds.last().copied() else {
        return (Measure::absent("s", Absence::NoData), None);
    };
    if last.is_finite() || bounds.len() < 2 {
        let why = Absence::NotCollected.because("the histogram has no bucket `+Inf`");
        return (Measure::absent("s", why), None);
    }
    // Counts of one scrape may lag another's; as in PromQL the cumulative counts are made to rise, and the
    // greatest of them is how many there are.
    let total = bounds.iter().map(|(_, count)| *count).fold(0.0, f64::max);
    let n = total.round() as u64;
    if !is_enough(n, quantile) {
        return (too_few(n), None);
    }
    let rank = quantile * total;
    let mut before = (0.0_f64, 0.0_f64);
    for (place, (bound, count)) in bounds.iter().enumerate() {
        let count = count.max(before.1);
        if count >= rank {
            if bound.is_infinite() {
                return (Measure::new(before.0, "s").of(n), None);
            }
            let low = if place == 0 && *bound <= 0.0 { *bound } else { before.0 };
            let width = count - before.1;
            let share = if width > 0.0 { (rank - before.1) / width } else { 1.0 };
            let value = low + (bound - low) * share;
            return (Measure::new(value, "s").of(n), Some(Bound { low, high: *bound }));
        }
        before = (*bound, count);
    }
    (Measure::absent("s", Absence::NoData), None)
}

/// Quantiles as reported: least, median of the latest, greatest; by quantile, in order.
pub(super) fn reported(series: &[&SignalFact]) -> Vec<ReportedQuantile> {
    let mut quantiles: BTreeMap<Ordered, Vec<&SignalFact>> = BTreeMap::new();
    for fact in series.iter().filter(|fact| fact.series_type == SeriesType::Quantile) {
        let quantile = fact.labels.get("quantile").and_then(|text| text.parse::<f64>().ok());
        if let Some(quantile) = quantile.filter(|quantile| (0.0..=1.0).contains(quantile)) {
            quantiles.entry(Ordered(quantile)).or_default().push(fact);
        }
    }
    let row = |(quantile, facts): (Ordered, Vec<&SignalFact>)| {
        let mut latest: Vec<f64> = facts.iter().map(|fact| fact.last.1).collect();
        latest.sort_by(f64::total_cmp);
        let median = match latest.len() {
            0 => 0.0,
            n if n % 2 == 1 => latest[n / 2],
            n => (latest[n / 2 - 1] + latest[n / 2]) / 2.0,
        };
        ReportedQuantile {
            quantile: quantile.0,
            min: facts.iter().map(|fact| fact.min).fold(f64::INFINITY, f64::min),
            median,
            max: facts.iter().map(|fact| fact.max).fold(f64::NEG_INFINITY, f64::max),
            series: facts.len() as u64,
            basis: "reported".to_owned(),
        }
    };
    quantiles.into_iter().map(row).collect()
}

#[cfg(test)]
mod golden;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percentile_needs_five_values_beyond_it() {
        let bins = |n: u64| vec![(Bin::of(0.1), n)];
        assert!(of_bins(&bins(99), 0.95).value.is_none());
        assert!(of_bins(&bins(100), 0.95).value.is_some());
        assert!(of_bins(&bins(499), 0.99).value.is_none());
        assert!(of_bins(&bins(500), 0.99).value.is_some());
        assert_eq!(of_bins(&bins(99), 0.95).detail.as_deref(), Some("too few, n = 99"));
    }

    #[test]
    fn classic_buckets_follow_promql() {
        // From the documentation of histogram_quantile: 10 in (0, 1], 10 in (1, 2].
        let bounds = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)];
        let (median, bound) = of_classic(&bounds, 0.75);
        assert_eq!(median.value, Some(1.5));
        assert_eq!(bound, Some(Bound { low: 1.0, high: 2.0 }));
        let open = [(1.0, 10.0), (f64::INFINITY, 1_000.0)];
        assert_eq!(of_classic(&open, 0.95).0.value, Some(1.0));
        assert!(of_classic(&[(1.0, 10.0)], 0.5).0.value.is_none());
        assert!(of_classic(&[], 0.5).0.value.is_none());
    }

    proptest! {
        #[test]
        fn bins_are_within_one_percent_of_the_nearest_rank(
            mut values in proptest::collection::vec(1e-6_f64..1e4, 100..400),
        ) {
            let bins: Vec<(Bin, u64)> = values.iter().map(|value| (Bin::of(*value), 1)).collect();
            values.sort_by(f64::total_cmp);
            let rank = (0.95 * values.len() as f64).ceil() as usize;
            let truth = values[rank - 1];
            let ours = of_bins(&bins, 0.95).value.unwrap();
            prop_assert!((ours - truth).abs() / truth <= 0.0101, "{} {}", ours, truth);
        }
    }
}
