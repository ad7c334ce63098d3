//! Whether and how fast a series rises or falls over a window: medians of blocks of buckets,
//! Theil–Sen's slope and Mann–Kendall's test. The p-value is raw; a caller adjusts those of one answer
//! together (`false_discovery`). O(n + 24²).

use model::time::Micros;

use super::mann_kendall::{VALUES_MIN, mann_kendall};
use super::percentile::{median, sorted};
use super::theil_sen::theil_sen;
use super::{Estimate, NoAnswer, Sample, at_least};

/// Blocks that a window is condensed to.
const BLOCKS: usize = 24;

/// Level of the slope's interval.
const LEVEL: f64 = 0.95;

/// How a series runs over its window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change from the first to the last instant on the line, with its interval at 95 %.
    pub change: Estimate,
    /// The line at the first instant.
    pub start: f64,
    /// The line at the last instant.
    pub end: f64,
    /// Two-sided p-value, not adjusted.
    pub p: f64,
    /// Blocks that were compared.
    pub blocks: usize,
}

impl Trend {
    /// Change of the value at the start; `None` where that is nearly nothing.
    pub fn change_ratio(&self) -> Option<f64> {
        let ratio = self.change.value / self.start.abs();
        ratio.is_finite().then_some(ratio)
    }
}

/// The trend of values in order of time, without their season if they have one.
///
/// # Errors
/// `TooFew` below 10 finite values.
pub fn trend(samples: &[Sample]) -> Result<Trend, NoAnswer> {
    let held: Vec<Sample> = samples.iter().copied().filter(|one| one.value.is_finite()).collect();
    at_least(held.len(), VALUES_MIN)?;
    let (Some(first), Some(last)) = (held.first(), held.last()) else {
        return Err(NoAnswer::TooFew { n: 0, needed: VALUES_MIN });
    };
    let length = held.len().div_ceil(BLOCKS);
    let points: Vec<(f64, f64)> = held
        .chunks(length)
        .filter_map(|block| {
            let middle = median(&sorted(block.iter().map(|one| (one.at.0 - first.at.0) as f64)))?;
            Some((middle, median(&sorted(block.iter().map(|one| one.value)))?))
        })
        .collect();
    let line = theil_sen(&points, LEVEL)?;
    let test = mann_kendall(&points.iter().map(|point| point.1).collect::<Vec<_>>())?;
    let length = (last.at.0 - first.at.0) as f64;
    let over = |slope: f64| slope * length;
    let slope = line.slope;
    Ok(Trend {
        change: Estimate { value: over(slope.value), low: over(slope.low), high: over(slope.high) },
        start: line.at(0.0),
        end: line.at(length),
        p: test.p_cautious(),
        blocks: points.len(),
    })
}

/// Whether an adjusted p-value and a change make a trend; `least` is the least relevant change as a share
/// of the level at the start, `resolution` the least that means anything.
pub fn is_trend(trend: &Trend, p_adjusted: f64, least: f64, resolution: f64) -> bool {
    let change = trend.change.value.abs();
    p_adjusted < 0.05 && change > resolution && change > least * trend.start.abs()
}

/// Length of a series in days, between its first and last instant.
pub fn days(samples: &[Sample]) -> f64 {
    match (samples.first(), samples.last()) {
        (Some(first), Some(last)) => (last.at.0 - first.at.0) as f64 / Micros::DAY as f64,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::false_discovery::adjusted;
    use crate::series::quiet::autoregressive;

    /// At most one in a hundred quiet series has a trend, even where every small change counts.
    #[test]
    fn quiet_series_have_hardly_any_trend() {
        let trends: Vec<Trend> =
            (0..400).map(|seed| trend(&autoregressive(seed, 360, 0.7)).unwrap()).collect();
        let p = adjusted(&trends.iter().map(|one| one.p).collect::<Vec<_>>());
        let found = trends.iter().zip(&p).filter(|(one, p)| is_trend(one, **p, 0.0, 0.0)).count();
        assert!(found <= 4, "{found}");
    }

    #[test]
    fn a_rise_is_found_with_its_size() {
        let mut samples = autoregressive(8, 360, 0.7);
        samples.iter_mut().enumerate().for_each(|(place, one)| one.value += place as f64 / 9.0);
        let found = trend(&samples).unwrap();
        assert!(is_trend(&found, found.p, 0.1, 0.0), "{found:?}");
        assert!((found.change.value - 40.0).abs() < 2.0, "{found:?}");
        assert!((found.change_ratio().unwrap() - 0.4).abs() < 0.03);
        assert!(trend(&samples[..9]).is_err());
    }
}
