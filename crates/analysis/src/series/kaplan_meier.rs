//! How long things last when some have not ended yet: the product-limit estimator (Kaplan and Meier
//! 1958), its median, and the interval of the median by inverting the log-log transformed Greenwood
//! bounds (Brookmeyer and Crowley 1982). O(n log n).

use super::{NoAnswer, at_least};

/// Φ⁻¹(0.975).
const Z_95: f64 = 1.959_963_984_540_054;

/// One thing that lasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lifetime {
    /// How long it lasted, or has lasted so far.
    pub duration: f64,
    /// Whether it ended; otherwise it is censored: it lasts longer than that.
    pub has_ended: bool,
}

/// The share that lasts longer, just after `duration`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalStep {
    /// A duration at which some ended.
    pub duration: f64,
    /// How many were known to last up to it.
    pub at_risk: usize,
    /// How many ended at it.
    pub ended: usize,
    /// The share that lasts longer, 0 to 1.
    pub share: f64,
    /// Lower bound of the share at 95 %.
    pub share_low: f64,
    /// Upper bound of the share at 95 %.
    pub share_high: f64,
}

/// A median with its bounds at 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianLifetime {
    /// The least duration that at most half last longer than.
    pub median: f64,
    /// Lower bound; absent when the curve does not tell.
    pub low: Option<f64>,
    /// Upper bound; absent when too many are still open.
    pub high: Option<f64>,
    /// Lifetimes.
    pub n: usize,
    /// Of them those that have not ended.
    pub censored: usize,
}

/// The curve, one step for each duration at which some ended, in order. What is not finite or below 0
/// is left out.
pub fn survival(lifetimes: &[Lifetime]) -> Vec<SurvivalStep> {
    let mut held: Vec<Lifetime> = lifetimes
        .iter()
        .copied()
        .filter(|one| one.duration.is_finite() && one.duration >= 0.0)
        .collect();
    held.sort_by(|a, b| a.duration.total_cmp(&b.duration));
    let mut steps = Vec::new();
    let (mut share, mut variance) = (1.0_f64, 0.0_f64);
    let mut place = 0;
    while let Some(first) = held.get(place) {
        let same = held.iter().skip(place).take_while(|one| one.duration == first.duration);
        let (count, ended) =
            same.fold((0, 0), |(n, ended), one| (n + 1, ended + usize::from(one.has_ended)));
        let at_risk = held.len() - place;
        place += count;
        if ended == 0 {
            continue;
        }
        let (d, n) = (ended as f64, at_risk as f64);
        share *= 1.0 - d / n;
        variance += d / (n * (n - d));
        let (share_low, share_high) = bounds(share, variance);
        let duration = first.duration;
        steps.push(SurvivalStep { duration, at_risk, ended, share, share_low, share_high });
    }
    steps
}

/// Bounds of a share by the log-log transformation; at 0 and 1 it has none.
fn bounds(share: f64, variance: f64) -> (f64, f64) {
    if share <= 0.0 || share >= 1.0 {
        return (share, share);
    }
    let log = share.ln();
    let half = Z_95 * variance.sqrt() / log.abs();
    let at = |sign: f64| (log * (sign * half).exp()).exp();
    (at(1.0), at(-1.0))
}

/// The median lifetime.
///
/// # Errors
/// `TooFew` without lifetimes, `NotReached` when more than half last longer than is known.
pub fn median_lifetime(lifetimes: &[Lifetime]) -> Result<MedianLifetime, NoAnswer> {
    let is_held = |one: &&Lifetime| one.duration.is_finite() && one.duration >= 0.0;
    let n = lifetimes.iter().filter(is_held).count();
    at_least(n, 1)?;
    let censored = lifetimes.iter().filter(is_held).filter(|one| !one.has_ended).count();
    let steps = survival(lifetimes);
    let first = |share: fn(&SurvivalStep) -> f64| {
        let step = steps.iter().find(|step| share(step) <= 0.5 + 1e-12);
        step.map(|step| step.duration)
    };
    let median = first(|step| step.share).ok_or(NoAnswer::NotReached)?;
    let (low, high) = (first(|step| step.share_low), first(|step| step.share_high));
    Ok(MedianLifetime { median, low, high, n, censored })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetimes(values: &[(f64, u8)]) -> Vec<Lifetime> {
        let one = |(duration, ended): &(f64, u8)| Lifetime {
            duration: *duration,
            has_ended: *ended == 1,
        };
        values.iter().map(one).collect()
    }

    /// Remission times of leukaemia patients on 6-MP (Freireich et al. 1963), the textbook example:
    /// median 23, S(6) = 0.857, S(10) = 0.753, S(22) = 0.538, S(23) = 0.448.
    #[test]
    fn the_textbook_example_gives_the_textbook_figures() {
        let mp = lifetimes(&[
            (6.0, 1),
            (6.0, 1),
            (6.0, 1),
            (7.0, 1),
            (10.0, 1),
            (13.0, 1),
            (16.0, 1),
            (22.0, 1),
            (23.0, 1),
            (6.0, 0),
            (9.0, 0),
            (10.0, 0),
            (11.0, 0),
            (17.0, 0),
            (19.0, 0),
            (20.0, 0),
            (25.0, 0),
            (32.0, 0),
            (32.0, 0),
            (34.0, 0),
            (35.0, 0),
        ]);
        let steps = survival(&mp);
        let shares: Vec<(f64, f64)> =
            steps.iter().map(|one| (one.duration, (one.share * 1e3).round() / 1e3)).collect();
        let expected = [
            (6.0, 0.857),
            (7.0, 0.807),
            (10.0, 0.753),
            (13.0, 0.69),
            (16.0, 0.627),
            (22.0, 0.538),
            (23.0, 0.448),
        ];
        assert_eq!(shares, expected);
        let found = median_lifetime(&mp).unwrap();
        assert_eq!((found.median, found.n, found.censored), (23.0, 21, 12));
        // lifelines 0.30: median_survival_times(KaplanMeierFitter().fit(T, E).confidence_interval_)
        // gives 13.0 and inf.
        assert_eq!((found.low, found.high), (Some(13.0), None));
    }

    /// lifelines 0.30: KaplanMeierFitter().fit(T, E), median_survival_times(confidence_interval_).
    #[test]
    fn bounds_are_those_of_lifelines() {
        let found = lifetimes(&[
            (1.5, 1),
            (2.0, 1),
            (2.0, 1),
            (3.5, 0),
            (4.0, 1),
            (6.0, 1),
            (6.5, 0),
            (8.0, 1),
            (9.0, 1),
            (12.0, 1),
            (15.0, 1),
            (20.0, 0),
        ]);
        let median = median_lifetime(&found).unwrap();
        assert_eq!((median.median, median.low, median.high), (8.0, Some(2.0), Some(15.0)));
        let steps = survival(&found);
        let at = |duration: f64| steps.iter().find(|step| step.duration == duration).unwrap();
        for (duration, share, low, high) in [
            (2.0, 0.75, 0.408_416, 0.911_720),
            (8.0, 0.45, 0.154_887, 0.710_438),
            (15.0, 0.1125, 0.006_454, 0.388_087),
        ] {
            let step = at(duration);
            assert!((step.share - share).abs() < 1e-9, "{step:?}");
            assert!((step.share_low - low).abs() < 1e-6, "{step:?}");
            assert!((step.share_high - high).abs() < 1e-6, "{step:?}");
        }
    }

    #[test]
    fn without_censoring_it_is_the_plain_median_rank() {
        let found = median_lifetime(&lifetimes(&[(5.0, 1), (1.0, 1), (3.0, 1)])).unwrap();
        assert_eq!((found.median, found.censored), (3.0, 0));
    }

    #[test]
    fn a_median_that_open_ones_hide_is_not_given() {
        let open = lifetimes(&[(1.0, 1), (2.0, 0), (3.0, 0)]);
        assert_eq!(median_lifetime(&open), Err(NoAnswer::NotReached));
        assert_eq!(median_lifetime(&[]), Err(NoAnswer::TooFew { n: 0, needed: 1 }));
    }
}
