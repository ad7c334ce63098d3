//! The range of a statistic from its own values: percentile bootstrap with a fixed seed (Efron and
//! Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13). O(resamples × n).

use super::percentile::{nearest_rank, sorted};
use super::random::Random;
use super::{Estimate, NoAnswer, at_least};

/// How often the values are drawn anew.
pub const RESAMPLES: usize = 2_000;

/// Values above which fewer resamples are drawn, so that one interval takes at most 4 million draws.
const DRAWS_MAX: usize = 4_000_000;

/// Least resamples.
const RESAMPLES_MIN: usize = 200;

/// The seed of every bootstrap.
const SEED: u64 = 0x5EED;

/// A statistic of values with its interval; `level` is the share of resamples inside it (0.95). The
/// statistic is given values in order. `needed` is the least number of values.
///
/// # Errors
/// `TooFew` with fewer finite values.
pub fn bootstrap(
    values: &[f64],
    level: f64,
    needed: usize,
    statistic: impl Fn(&[f64]) -> f64,
) -> Result<Estimate, NoAnswer> {
    let held = sorted(values.iter().copied());
    at_least(held.len(), needed.max(1))?;
    let mut random = Random::seeded(SEED);
    let resamples = (DRAWS_MAX / held.len()).clamp(RESAMPLES_MIN, RESAMPLES);
    let mut counts = vec![0_u32; held.len()];
    let mut drawn = Vec::with_capacity(held.len());
    let statistics = (0..resamples).map(|_| {
        // Counting draws keeps a resample in order without sorting it.
        counts.fill(0);
        for _ in 0..held.len() {
            if let Some(count) = counts.get_mut(random.below(held.len())) {
                *count += 1;
            }
        }
        drawn.clear();
        for (value, count) in held.iter().zip(&counts) {
            drawn.extend((0..*count).map(|_| *value));
        }
        statistic(&drawn)
    });
    let statistics = sorted(statistics.collect::<Vec<f64>>());
    let tail = (1.0 - level) / 2.0;
    let value = statistic(&held);
    let end = |quantile| nearest_rank(&statistics, quantile).unwrap_or(value);
    Ok(Estimate { value, low: end(tail), high: end(1.0 - tail) })
}

/// The mean of values; 0 of none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::percentile::median;

    /// Of normal values the interval of the mean is the one from theory, mean ± 1.96·s/√n.
    #[test]
    fn the_interval_of_a_mean_is_that_of_theory() {
        let mut random = Random::seeded(7);
        let values: Vec<f64> = (0..400).map(|_| 10.0 + 2.0 * random.normal()).collect();
        let found = bootstrap(&values, 0.95, 5, mean).unwrap();
        let centre = mean(&values);
        let half = 1.96 * (values.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / 399.0).sqrt()
            / 400.0_f64.sqrt();
        assert!((found.low - (centre - half)).abs() < 0.1 * half, "{found:?} {centre} {half}");
        assert!((found.high - (centre + half)).abs() < 0.1 * half, "{found:?} {centre} {half}");
    }

    /// Intervals of 90 % hold the true median of what was drawn in about 90 % of trials.
    #[test]
    fn the_interval_covers_what_it_says() {
        let mut random = Random::seeded(3);
        let covered = (0..200).filter(|_| {
            let values: Vec<f64> = (0..40).map(|_| -random.unit().ln()).collect();
            let found = bootstrap(&values, 0.9, 5, |x| median(x).unwrap_or(0.0)).unwrap();
            (found.low..=found.high).contains(&std::f64::consts::LN_2)
        });
        let covered = covered.count();
        assert!((166..=196).contains(&covered), "{covered} of 200");
    }

    #[test]
    fn the_same_values_give_the_same_interval_in_any_order() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        let mut turned = values;
        turned.reverse();
        assert_eq!(bootstrap(&values, 0.95, 5, mean), bootstrap(&turned, 0.95, 5, mean));
        assert_eq!(
            bootstrap(&values[..4], 0.95, 5, mean),
            Err(NoAnswer::TooFew { n: 4, needed: 5 })
        );
    }
}
