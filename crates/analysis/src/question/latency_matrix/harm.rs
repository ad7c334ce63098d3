//! What is usual for a pair, and how many requests were harmed by what is not. Pure.

use model::absence::{Absence, Absent};
use model::measure::Measure;

use super::pair::PairPeriod;
use super::shape::MatrixHarm;
use crate::calls::Latency;
use crate::judged_series::SeriesChange;
use crate::series::cumulative::{Cumulative, merged, quantile, up_to};

/// Calls that a usual 95th percentile needs.
const CALLS_MIN: f64 = 100.0;

/// What a pair is compared with.
pub(super) struct Usual {
    /// Durations.
    pub durations: Cumulative,
    /// Calls.
    pub calls: f64,
    /// Failed ones.
    pub errors: f64,
    /// What it is made from.
    pub made_from: &'static str,
}

/// What is usual: earlier periods where they hold calls enough, else the window up to its first change,
/// else the window.
pub(super) fn usual(now: &PairPeriod, earlier: &[PairPeriod], changes: &[SeriesChange]) -> Usual {
    let all = merged(earlier.iter().flat_map(|one| one.durations.iter().flatten()));
    let add = |sum: (f64, f64), one: &PairPeriod| {
        let (calls, errors) = one.totals(one.counts.len());
        (sum.0 + calls, sum.1 + errors)
    };
    let (calls, errors) = earlier.iter().fold((0.0, 0.0), add);
    if all.last().is_some_and(|last| last.1 >= CALLS_MIN) {
        return Usual { durations: all, calls, errors, made_from: "earlier" };
    }
    let first = changes.first().and_then(|change| now.grid.place(change.at));
    let (buckets, made_from) = match first {
        Some(place) => (place, "before_change"),
        None => (now.counts.len(), "window"),
    };
    let (calls, errors) = now.totals(buckets);
    Usual { durations: now.all_durations(buckets), calls, errors, made_from }
}

/// Requests slower than the usual 95th percentile beyond one in twenty, and failed ones beyond what
/// usually fails.
pub(super) fn harm(now: &PairPeriod, usual: &Usual) -> MatrixHarm {
    let (calls, errors) = now.totals(now.counts.len());
    let all = now.all_durations(now.durations.len());
    let timed = all.last().map_or(0.0, |last| last.1);
    let slow = match quantile(&usual.durations, 0.95) {
        Ok(limit) if timed > 0.0 => {
            let within = up_to(&all, limit).map_or(timed, |found| found.0);
            Ok((timed - within - 0.05 * timed).max(0.0))
        }
        Ok(_) => Err(Absence::NoData.into()),
        Err(few) => Err(Absent::from(few)),
    };
    let usual_share = usual.errors / usual.calls.max(1.0);
    let failed = match usual.calls >= CALLS_MIN {
        true => Ok((errors - usual_share * calls).max(0.0)),
        false => Err(Absence::TooLittleData.because(format!("too few, n = {:.0}", usual.calls))),
    };
    // Both may be the same request.
    let total = match (&slow, &failed) {
        (Ok(slow), Ok(failed)) => Ok((slow + failed).min(calls)),
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(*one),
        (Err(reason), Err(_)) => Err(reason.clone()),
    };
    // A millionth of a request is what rounding leaves.
    let measure = |found: Result<f64, Absent>| match found {
        Ok(value) => Measure::new((value * 1e6).round() / 1e6, "count").of(calls as u64),
        Err(reason) => Measure::absent("count", reason),
    };
    MatrixHarm { slow: measure(slow), failed: measure(failed), total: measure(total) }
}

pub(super) fn latency(all: &Cumulative) -> Latency {
    let n = all.last().map_or(0.0, |last| last.1).round() as u64;
    let at = |share: f64| match quantile(all, share) {
        _ if all.is_empty() => Measure::absent("s", Absence::NotCollected),
        Ok(value) => Measure::new(value, "s").of(n),
        Err(few) => Measure::absent("s", few).of(n),
    };
    Latency { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/// The window's 95th percentile against the usual one, else the medians.
pub(super) fn change_ratio(now: &PairPeriod, usual: &Usual) -> Measure {
    let all = now.all_durations(now.durations.len());
    for share in [0.95, 0.5] {
        if let (Ok(now), Ok(then)) = (quantile(&all, share), quantile(&usual.durations, share))
            && then > 0.0
        {
            return Measure::new(now / then - 1.0, "1");
        }
    }
    let n = all.last().map_or(0.0, |last| last.1);
    Measure::absent("1", Absence::TooLittleData.because(format!("too few, n = {n:.0}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;
    use crate::series::cumulative::cumulative;
    use model::Micros;
    use model::series::Bin;

    /// Of each bucket 100 calls of so many seconds, and so many failures.
    fn period(buckets: &[(f64, f64)]) -> PairPeriod {
        PairPeriod {
            grid: Grid { from: Micros(0), step: Micros::MINUTE, count: buckets.len() },
            counts: buckets.iter().map(|one| Some((100.0, one.1))).collect(),
            durations: buckets
                .iter()
                .map(|one| Some(cumulative([(Bin::of(one.0), 100)])))
                .collect(),
        }
    }

    /// 1,000 calls: 200 of them four times as slow as ever, 30 failures where 1 in 100 is usual. Slower
    /// than the usual 95th percentile are these 200 and one in twenty of the other 800, which is 190
    /// beyond the one in twenty that always is; beyond the usual 10 another 20 failed.
    #[test]
    fn harm_is_what_exceeds_the_usual() {
        let mut buckets = vec![(0.1, 0.0); 10];
        buckets[8] = (0.4, 0.0);
        buckets[9] = (0.4, 30.0);
        let now = period(&buckets);
        let usual = usual(&now, &[period(&[(0.1, 1.0); 20])], &[]);
        assert_eq!((usual.made_from, usual.calls, usual.errors), ("earlier", 2_000.0, 20.0));
        let harm = harm(&now, &usual);
        let value = |measure: &Measure| measure.value.map(f64::round);
        assert_eq!(value(&harm.slow), Some(190.0));
        assert_eq!(value(&harm.failed), Some(20.0));
        assert_eq!(value(&harm.total), Some(210.0));
        assert!((change_ratio(&now, &usual).value.unwrap() - 3.0).abs() < 0.1);
    }

    #[test]
    fn without_an_earlier_time_the_window_before_its_change_is_usual() {
        let now = period(&[(0.1, 0.0), (0.1, 0.0), (0.5, 0.0)]);
        let change = SeriesChange {
            at: Micros(2 * Micros::MINUTE),
            earliest: Micros(0),
            latest: Micros(0),
            before: Measure::new(0.1, "s"),
            after: Measure::new(0.5, "s"),
            change_ratio: Measure::new(4.0, "1"),
        };
        let held = usual(&now, &[], &[change]);
        assert_eq!((held.made_from, held.calls), ("before_change", 200.0));
        assert_eq!(harm(&now, &held).slow.value.map(f64::round), Some(95.0));
        assert_eq!(usual(&now, &[], &[]).made_from, "window");
    }
}
