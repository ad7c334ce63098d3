//! Order statistics of raw values: nearest rank (Hyndman and Fan 1996, definition 1), the median, and
//! the median absolute deviation. Percentiles are never averaged; bins are merged by adding counts.

use super::{NoAnswer, at_least};

/// Scales the median absolute deviation to the standard deviation of normal values: 1/Φ⁻¹(3/4).
pub const MAD_SCALE: f64 = 1.4826;

/// Values beyond a percentile that it needs.
const BEYOND: f64 = 5.0;

/// Values in order; what is not finite is left out.
pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The ⌈q·n⌉-th of values in order, whatever their number; `None` without any.
pub fn nearest_rank(sorted: &[f64], quantile: f64) -> Option<f64> {
    // A hair less, so that 0.9·10 counts as 9 and not as the next float above it.
    let rank = (quantile * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

/// The same when n·(1−q) is at least 5: p95 needs 100 values, p99 needs 500.
///
/// # Errors
/// `TooFew` otherwise.
pub fn percentile(sorted: &[f64], quantile: f64) -> Result<f64, NoAnswer> {
    let needed = (BEYOND / (1.0 - quantile) - 1e-9).ceil() as usize;
    at_least(sorted.len(), needed)?;
    nearest_rank(sorted, quantile).ok_or(NoAnswer::TooFew { n: sorted.len(), needed })
}

/// The middle of values in order, of two middles their mean; `None` without any.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let high = sorted.get(middle).copied()?;
    if sorted.len() % 2 == 1 {
        return Some(high);
    }
    sorted.get(middle.wrapping_sub(1)).map(|low| low / 2.0 + high / 2.0)
}

/// The median of values in any order, and the median of their distances from it, unscaled.
pub fn median_and_mad(values: &[f64]) -> Option<(f64, f64)> {
    let middle = median(&sorted(values.iter().copied()))?;
    let distances = sorted(values.iter().map(|value| (value - middle).abs()));
    Some((middle, median(&distances)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The definition itself: the least value that at least the share q does not exceed.
        #[test]
        fn nearest_rank_is_its_definition(
            values in prop::collection::vec(-1e6_f64..1e6, 1..60),
            percent in 1_u32..=100,
        ) {
            let quantile = f64::from(percent) / 100.0;
            let held = sorted(values.clone());
            let found = nearest_rank(&held, quantile).unwrap();
            let share = |x: f64| values.iter().filter(|value| **value <= x).count() as u64 * 100;
            let enough = u64::from(percent) * values.len() as u64;
            prop_assert!(share(found) >= enough);
            prop_assert!(held.iter().all(|x| *x >= found || share(*x) < enough));
        }
    }

    #[test]
    fn a_percentile_needs_five_values_beyond_it() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&values, 0.95), Ok(95.0));
        assert_eq!(percentile(&values[..99], 0.95), Err(NoAnswer::TooFew { n: 99, needed: 100 }));
        assert_eq!(percentile(&values, 0.99), Err(NoAnswer::TooFew { n: 100, needed: 500 }));
    }

    /// scipy.stats.median_abs_deviation([2, 4, 4, 4, 5, 5, 7, 9]) = 1.0, numpy.median = 4.5.
    #[test]
    fn median_and_deviation_are_those_of_scipy() {
        let values = [9.0, 2.0, 4.0, 5.0, 4.0, 7.0, 4.0, 5.0];
        assert_eq!(median_and_mad(&values), Some((4.5, 0.5)));
        assert_eq!(median_and_mad(&[]), None);
    }
}
