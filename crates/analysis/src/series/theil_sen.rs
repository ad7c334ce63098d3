//! The slope of a series that a third of wild values does not move: the median of the slopes of all
//! pairs (Theil 1950, Sen 1968), with Sen's interval. O(n²), so callers condense to at most a few
//! hundred values first.

use super::normal::quantile;
use super::percentile::{median, sorted};
use super::{Estimate, NoAnswer, at_least};

/// Least values of a slope.
pub const VALUES_MIN: usize = 4;

/// A robust line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Rise of y per unit of x, with its interval.
    pub slope: Estimate,
    /// y at x = 0: the median of y − slope·x.
    pub intercept: f64,
}

impl Line {
    /// y at x.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope.value * x
    }
}

/// The line through points, with the slope's interval at `level` (0.95).
///
/// # Errors
/// `TooFew` below 4 points of different x.
pub fn theil_sen(points: &[(f64, f64)], level: f64) -> Result<Line, NoAnswer> {
    at_least(points.len(), VALUES_MIN)?;
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (place, (x0, y0)) in points.iter().enumerate() {
        for (x1, y1) in points.iter().skip(place + 1) {
            if x1 != x0 {
                slopes.push((y1 - y0) / (x1 - x0));
            }
        }
    }
    let slopes = sorted(slopes);
    at_least(slopes.len(), VALUES_MIN)?;
    let slope = median(&slopes).unwrap_or_default();
    let residuals = sorted(points.iter().map(|(x, y)| y - slope * x));
    let intercept = median(&residuals).unwrap_or_default();
    let n = points.len() as f64;
    let ties = |values: Vec<f64>| -> f64 { tied(&sorted(values)) };
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0)
        - ties(points.iter().map(|point| point.0).collect())
        - ties(points.iter().map(|point| point.1).collect()))
        / 18.0;
    let half = quantile(0.5 + level / 2.0) * variance.max(0.0).sqrt();
    let count = slopes.len() as f64;
    let at = |rank: f64| {
        let place = rank.round().clamp(0.0, count - 1.0) as usize;
        slopes.get(place).copied().unwrap_or(slope)
    };
    let (low, high) = (at((count - half) / 2.0 - 1.0), at((count + half) / 2.0));
    Ok(Line { slope: Estimate { value: slope, low, high }, intercept })
}

/// Σ t(t−1)(2t+5) over groups of t equal values, of values in order: what ties take off the variance of
/// Kendall's score.
pub(super) fn tied(sorted: &[f64]) -> f64 {
    let groups = sorted.chunk_by(|a, b| a == b).map(|group| group.len() as f64);
    groups.map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect()
    }

    /// scipy 1.17: stats.theilslopes(y, numpy.arange(len(y)), level, method="joint").
    #[test]
    fn slope_and_interval_are_those_of_scipy() {
        let y = [3.1, 2.9, 3.6, 3.3, 4.0, 3.9, 4.4, 3.7, 4.9, 5.0, 4.6, 5.3, 5.1, 5.8, 9.0];
        let with_ties = [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 5.0, 4.0, 4.0, 4.0, 6.0];
        for (y, level, expected) in [
            (&y[..], 0.95, [0.211_111_111_111_111_1, 0.18, 0.283_333_333_333_333_3]),
            (&with_ties[..], 0.9, [0.354_166_666_666_666_6, 0.3, 0.5]),
        ] {
            let slope = theil_sen(&points(y), level).unwrap().slope;
            for (found, expected) in [slope.value, slope.low, slope.high].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{slope:?}");
            }
        }
    }

    #[test]
    fn a_third_of_wild_values_does_not_move_it() {
        let line = (0..30).map(|x| if x % 3 == 0 { 1e6 } else { 2.0 * f64::from(x) + 1.0 });
        let found = theil_sen(&points(&line.collect::<Vec<_>>()), 0.95).unwrap();
        assert!((found.slope.value - 2.0).abs() < 1e-9, "{found:?}");
        assert_eq!(
            theil_sen(&points(&[1.0, 2.0, 3.0]), 0.95),
            Err(NoAnswer::TooFew { n: 3, needed: 4 })
        );
    }
}
