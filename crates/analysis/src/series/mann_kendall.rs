//! Whether a series rises or falls at all: Mann–Kendall's test with the variance corrected for
//! autocorrelation (Hamed and Rao 1998): the significant autocorrelations of the ranks of what the slope
//! leaves. O(n²).

use super::normal::{quantile, upper_tail};
use super::percentile::sorted;
use super::theil_sen::{theil_sen, tied};
use super::{NoAnswer, at_least};

/// Least values of the test.
pub const VALUES_MIN: usize = 10;

/// Level at which an autocorrelation counts.
const LEVEL: f64 = 0.05;

/// The outcome of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendTest {
    /// Kendall's score: pairs that rise less pairs that fall.
    pub score: f64,
    /// Standard score after the correction.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// By how much autocorrelation widens the variance.
    pub correction: f64,
}

impl TrendTest {
    /// The p-value without the gain in certainty that negative autocorrelation would give, which short
    /// series show by chance.
    pub fn p_cautious(&self) -> f64 {
        (2.0 * upper_tail(self.z.abs() * self.correction.min(1.0).sqrt())).min(1.0)
    }
}

/// The test of values in order of time.
///
/// # Errors
/// `TooFew` below 10 values.
pub fn mann_kendall(values: &[f64]) -> Result<TrendTest, NoAnswer> {
    at_least(values.len(), VALUES_MIN)?;
    let n = values.len() as f64;
    let mut score = 0.0;
    for (place, first) in values.iter().enumerate() {
        for later in values.iter().skip(place + 1) {
            score += (later - first).partial_cmp(&0.0).map_or(0.0, |order| order as i8 as f64);
        }
    }
    let ties = tied(&sorted(values.iter().copied()));
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
    let slope = theil_sen(&points, 0.95)?.slope.value;
    let correction =
        correction(&ranks(&points.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>()));
    // A correction that leaves no variance is one of too few values to tell; none is applied then.
    let correction = if correction > 0.0 { correction } else { 1.0 };
    let deviation = (variance * correction).sqrt();
    let z = if deviation > 0.0 {
        (score - score.signum() * f64::from(u8::from(score != 0.0))) / deviation
    } else {
        0.0
    };
    Ok(TrendTest { score, z, p: (2.0 * upper_tail(z.abs())).min(1.0), correction })
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().enumerate().map(|(place, value)| (*value, place)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (group.len() as f64 + 1.0) / 2.0;
        for (_, place) in group {
            if let Some(held) = ranks.get_mut(*place) {
                *held = rank;
            }
        }
        before += group.len();
    }
    ranks
}

/// 1 + 2/(n(n−1)(n−2)) Σ (n−k)(n−k−1)(n−k−2) ρ(k) over the significant lags.
fn correction(ranks: &[f64]) -> f64 {
    let n = ranks.len() as f64;
    let mean = ranks.iter().sum::<f64>() / n;
    let centred: Vec<f64> = ranks.iter().map(|rank| rank - mean).collect();
    let power: f64 = centred.iter().map(|x| x * x).sum();
    if power <= 0.0 {
        return 1.0;
    }
    let limit = quantile(1.0 - LEVEL / 2.0) / n.sqrt();
    let weighed = (1..ranks.len()).map(|lag| {
        let products = centred.iter().zip(centred.iter().skip(lag)).map(|(a, b)| a * b);
        let correlation = products.sum::<f64>() / power;
        let left = n - lag as f64;
        match correlation.abs() > limit {
            true => left * (left - 1.0) * (left - 2.0) * correlation,
            false => 0.0,
        }
    });
    1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * weighed.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// pymannkendall 1.4: hamed_rao_modification_test(x), fields s, z, p and var_s over original_test's.
    #[test]
    fn the_test_is_that_of_the_reference() {
        let rising = [3.1, 2.9, 3.6, 3.3, 4.0, 3.9, 4.4, 3.7, 4.9, 5.0, 4.6, 5.3, 5.1, 5.8, 9.0];
        let with_ties = [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 5.0, 4.0, 4.0, 4.0, 6.0];
        let correlated = [
            0.0, -0.65, -0.63, 1.22, 1.51, -0.58, -0.41, -0.91, -0.49, -1.95, -1.12, -0.55, 1.19,
            1.15, 1.32, -0.57, 1.85, -0.62, 0.67, 0.14, -0.78, -1.2, -1.51, -0.68, -0.59, 1.07,
            -1.08, -0.76, -1.42, -0.22, -2.27, -1.93, -1.14, -2.28, -0.61, -0.25, 0.83, 1.54, 0.1,
            -0.73,
        ];
        for (values, score, z, p) in [
            (&rising[..], 87.0, 4.255_896_270_026_384, 2.082_132_298_042_438_4e-5),
            (&with_ties[..], 52.0, 3.576_563_053_923_211, 0.000_348_141_371_309_562_7),
            (&correlated[..], -112.0, -1.016_577_207_583_893_7, 0.309_354_601_445_763_1),
        ] {
            let found = mann_kendall(values).unwrap();
            assert_eq!(found.score, score);
            assert!((found.z - z).abs() < 1e-9 && (found.p - p).abs() < 1e-9, "{found:?}");
        }
        assert!((mann_kendall(&correlated).unwrap().correction - 1.618_431_050_657).abs() < 1e-9);
    }

    #[test]
    fn what_never_changes_does_not_rise() {
        let found = mann_kendall(&[5.0; 20]).unwrap();
        assert_eq!((found.score, found.z, found.p), (0.0, 0.0, 1.0));
        assert_eq!(mann_kendall(&[1.0; 9]), Err(NoAnswer::TooFew { n: 9, needed: 10 }));
    }
}
