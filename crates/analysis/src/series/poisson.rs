//! Rare events: tails of the Poisson distribution, the exact interval of a count (Garwood 1936) and the
//! exact conditional test of two rates (Przyborowski and Wilenski 1940). Sums are taken in logarithms
//! from the largest term, so nothing overflows.

use super::{Estimate, NoAnswer, at_least};

/// Counts above which a sum over every outcome would take too long; the normal limit is used there.
const EXACT_MAX: u64 = 100_000;

/// The natural logarithm of k!, by Stirling's series above 20 (DLMF 5.11.1; error below 1e-12).
pub fn ln_factorial(k: u64) -> f64 {
    if k <= 20 {
        return (2..=k).map(|i| (i as f64).ln()).sum();
    }
    let x = k as f64 + 1.0;
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series =
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

/// The probability of exactly k events where `mean` are expected.
pub fn probability(k: u64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    (k as f64 * mean.ln() - mean - ln_factorial(k)).exp()
}

/// The probability of k events or more.
pub fn upper_tail(k: u64, mean: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if (k as f64) <= mean {
        return 1.0 - lower_tail(k - 1, mean);
    }
    let mut term = probability(k, mean);
    let (mut sum, mut at) = (0.0, k);
    while term > sum * 1e-17 {
        sum += term;
        at += 1;
        term *= mean / at as f64;
    }
    sum.min(1.0)
}

/// The probability of k events or fewer.
pub fn lower_tail(k: u64, mean: f64) -> f64 {
    if (k as f64) > mean {
        return 1.0 - upper_tail(k + 1, mean);
    }
    let mut term = probability(k, mean);
    let (mut sum, mut at) = (0.0, k);
    loop {
        sum += term;
        if at == 0 || mean <= 0.0 || term <= sum * 1e-17 {
            return sum.min(1.0);
        }
        term *= at as f64 / mean;
        at -= 1;
    }
}

/// The least and the greatest count within which all but `tail` on each side fall.
pub fn range(mean: f64, tail: f64) -> (u64, u64) {
    let spread = 1.0 + 12.0 * (mean.max(1.0)).sqrt();
    let (mut low, mut high) = (0, (mean + spread + 30.0) as u64);
    let mut least = mean as u64;
    while low < least {
        let middle = low + (least - low) / 2;
        if lower_tail(middle, mean) > tail { least = middle } else { low = middle + 1 }
    }
    let mut greatest = mean as u64;
    while greatest < high {
        let middle = greatest + (high - greatest) / 2;
        if upper_tail(middle + 1, mean) > tail { greatest = middle + 1 } else { high = middle }
    }
    (least, greatest)
}

/// The mean that a count speaks for, with its exact interval; `level` is its probability (0.95).
pub fn interval(k: u64, level: f64) -> Estimate {
    let tail = (1.0 - level) / 2.0;
    let solved = |is_upper: bool| {
        let (mut low, mut high) = (0.0, k as f64 + 20.0 + 10.0 * (k as f64 + 1.0).sqrt());
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            let is_below =
                if is_upper { lower_tail(k, middle) > tail } else { upper_tail(k, middle) < tail };
            if is_below { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    let low = if k == 0 { 0.0 } else { solved(false) };
    Estimate { value: k as f64, low, high: solved(true) }
}

/// How likely two counts are to differ this much by chance when both have one rate: the two-sided exact
/// p-value of the first given their sum, as likely outcomes or less likely ones. Exposures are the times
/// (or the numbers of anything) in which they were counted.
///
/// # Errors
/// `TooFew` without events.
pub fn rate_test(first: (u64, f64), second: (u64, f64)) -> Result<f64, NoAnswer> {
    let total = first.0.saturating_add(second.0);
    at_least(total as usize, 1)?;
    let share = first.1 / (first.1 + second.1);
    if !(share > 0.0 && share < 1.0) {
        return Err(NoAnswer::TooFew { n: 0, needed: 1 });
    }
    if total > EXACT_MAX {
        let (n, k) = (total as f64, first.0 as f64);
        let z = (k - n * share).abs() / (n * share * (1.0 - share)).sqrt();
        return Ok(2.0 * super::normal::upper_tail(z));
    }
    let chance = |k: u64| {
        let ways = ln_factorial(total) - ln_factorial(k) - ln_factorial(total - k);
        (ways + k as f64 * share.ln() + (total - k) as f64 * (1.0 - share).ln()).exp()
    };
    let held = chance(first.0) * (1.0 + 1e-7);
    Ok((0..=total).map(chance).filter(|one| *one <= held).sum::<f64>().min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{found} {expected}");
    }

    /// scipy 1.17: stats.poisson.sf(k - 1, mean) and stats.poisson.cdf(k, mean).
    #[test]
    fn tails_are_those_of_scipy() {
        near(upper_tail(0, 0.2), 1.0);
        near(upper_tail(3, 0.7), 0.034_141_584_125_708_5);
        near(upper_tail(12, 4.5), 0.002_404_283_573_101_494_8);
        near(upper_tail(40, 20.0), 5.320_202_511_246_237e-5);
        near(upper_tail(1_000, 900.0), 0.000_549_902_265_711_781_8);
        near(lower_tail(0, 0.2), 0.818_730_753_077_981_8);
        near(lower_tail(1, 4.5), 0.061_099_480_960_332_69);
        near(lower_tail(8, 20.0), 0.002_087_259_049_135_014);
        near(lower_tail(820, 900.0), 0.003_627_763_188_241_582);
        assert_eq!((upper_tail(3, 0.0), lower_tail(3, 0.0)), (0.0, 1.0));
    }

    /// scipy: chi2.ppf(t, 2 * k) / 2 and chi2.ppf(1 - t, 2 * k + 2) / 2.
    #[test]
    fn the_interval_of_a_count_is_garwoods() {
        for (k, low, high) in [
            (0, 0.0, 3.688_879_454_113_935_4),
            (1, 0.025_317_807_984_289_897, 5.571_643_390_938_898),
            (5, 1.623_486_390_118_421, 11.668_332_079_322_67),
            (30, 20.240_874_021_420_915, 42.826_865_394_807_66),
            (400, 361.756_296_631_143_47, 441.186_648_096_675_9),
        ] {
            let found = interval(k, 0.95);
            near(found.low, low);
            near(found.high, high);
        }
    }

    /// scipy: least k with poisson.cdf(k, m) > t, greatest with poisson.sf(k - 1, m) > t, t = norm.sf(4).
    #[test]
    fn the_range_holds_all_but_the_tails() {
        let tail = 3.167_124_183e-5;
        for (mean, expected) in [(0.3, (0, 4)), (4.5, (0, 15)), (20.0, (5, 40)), (29.0, (10, 53))] {
            assert_eq!(range(mean, tail), expected, "{mean}");
        }
    }

    /// scipy: stats.binomtest(a, a + b, ta / (ta + tb)).pvalue.
    #[test]
    fn two_rates_are_compared_as_scipy_does() {
        let p = |first, second| rate_test(first, second).unwrap();
        near(p((5, 10.0), (14, 10.0)), 0.063_568_115_234_375);
        near(p((30, 30.0), (12, 7.0)), 0.115_666_588_988_587_03);
        near(p((0, 1.0), (8, 2.0)), 0.058_680_079_256_210_94);
        near(p((100, 10.0), (101, 10.0)), 1.0);
        assert!(p((60_000, 1.0), (61_000, 1.0)) < 0.005);
        assert!(rate_test((0, 1.0), (0, 1.0)).is_err());
    }
}
