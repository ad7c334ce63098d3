//! Durations in cumulative buckets, the one form in which bins and classic histograms meet: merging,
//! counts up to a bound, and quantiles by PromQL's interpolation. A bin is 2 % wide, so that what is
//! interpolated within one is within 1 % of its middle.

use std::collections::BTreeMap;

use model::series::Bin;

use super::{NoAnswer, at_least};

/// Durations in cumulative buckets: upper bound in seconds and how many are at most as long, in order.
pub type Cumulative = Vec<(f64, f64)>;

/// Values beyond a quantile that it needs.
const BEYOND: f64 = 5.0;

/// Bins as cumulative buckets: bin b ends at 1.02^b.
pub fn cumulative(bins: impl IntoIterator<Item = (Bin, u64)>) -> Cumulative {
    let end = |bin: Bin| match bin {
        Bin::ZERO => 0.0,
        Bin::NEGATIVE => f64::NEG_INFINITY,
        Bin(exponent) => Bin::BASE.powi(exponent),
    };
    let mut counts: Vec<(f64, u64)> =
        bins.into_iter().map(|(bin, count)| (end(bin), count)).collect();
    counts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut total = 0.0;
    let mut found: Cumulative = Vec::with_capacity(counts.len());
    for (end, count) in counts {
        // A bin without the one below it begins where that one ends, not at the last one held.
        let start = end / Bin::BASE;
        if end > 0.0 && found.last().is_none_or(|last| last.0 < start * 0.9999) {
            found.push((start, total));
        }
        total += count as f64;
        found.push((end, total));
    }
    found
}

/// How many are at most `bound` seconds long, and whether that is read off a bucket's end.
pub fn up_to(buckets: &Cumulative, bound: f64) -> Option<(f64, bool)> {
    let total = buckets.last()?.1;
    let mut before = (0.0_f64, 0.0_f64);
    for (end, count) in buckets {
        let count = count.max(before.1);
        if (end - bound).abs() <= bound.abs() * 1e-9 {
            return Some((count, true));
        }
        if *end > bound {
            // Beyond the last finite bound nothing says where requests lie.
            let share = match end.is_finite() && *end > before.0 {
                true => ((bound - before.0) / (end - before.0)).clamp(0.0, 1.0),
                false => 0.0,
            };
            let is_exact = count <= before.1;
            return Some((before.1 + (count - before.1) * share, is_exact));
        }
        before = (*end, count);
    }
    Some((total, true))
}

/// All buckets together. O(total · log).
pub fn merged<'a>(all: impl IntoIterator<Item = &'a Cumulative>) -> Cumulative {
    // Bounds are not below 0, so their bits are in their order.
    let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
    for buckets in all {
        let mut before = 0.0;
        for (end, count) in buckets {
            *counts.entry(end.max(0.0).to_bits()).or_default() += (count - before).max(0.0);
            before = count.max(before);
        }
    }
    let mut total = 0.0;
    let add = |(end, count): (u64, f64)| {
        total += count;
        (f64::from_bits(end), total)
    };
    counts.into_iter().map(add).collect()
}

/// A quantile: linear within the bucket that holds its rank; n·(1−q) must be at least 5.
///
/// # Errors
/// `TooFew` otherwise.
pub fn quantile(buckets: &Cumulative, quantile: f64) -> Result<f64, NoAnswer> {
    let n = buckets.last().map_or(0.0, |last| last.1).max(0.0);
    let needed = (BEYOND / (1.0 - quantile) - 1e-9).ceil() as usize;
    at_least(n.round() as usize, needed)?;
    Ok(ranked(buckets, quantile, n))
}

/// How uncertain a quantile is that so few values give: half the way between the quantiles one standard
/// error of its share apart, √(q(1−q)/n) (the order statistics of a sample are binomial; Wilks, 1948).
/// 0 without values.
pub fn quantile_error(buckets: &Cumulative, quantile: f64) -> f64 {
    let n = buckets.last().map_or(0.0, |last| last.1).max(0.0);
    if n <= 0.0 {
        return 0.0;
    }
    let apart = (quantile * (1.0 - quantile) / n).sqrt();
    let at = |share: f64| ranked(buckets, share.clamp(0.0, 1.0), n);
    ((at(quantile + apart) - at(quantile - apart)) / 2.0).max(0.0)
}

/// The value at a share of `n`.
fn ranked(buckets: &Cumulative, share: f64, n: f64) -> f64 {
    let rank = share * n;
    let mut before = (0.0_f64, 0.0_f64);
    for (end, count) in buckets {
        let count = count.max(before.1);
        if count >= rank {
            let width = count - before.1;
            let within = if width > 0.0 { (rank - before.1) / width } else { 1.0 };
            let is_inside = end.is_finite() && *end > before.0;
            return if is_inside { before.0 + (end - before.0) * within } else { before.0 };
        }
        before = (*end, count);
    }
    before.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of values spread evenly over a second the standard error of a quantile is √(q(1−q)/n).
    #[test]
    fn a_quantile_of_few_values_is_uncertain() {
        let even = |n: f64| -> Cumulative { vec![(0.0, 0.0), (1.0, n)] };
        for (n, share) in [(100.0, 0.95), (400.0, 0.5), (10_000.0, 0.99)] {
            let expected = (share * (1.0_f64 - share) / n).sqrt();
            let found = quantile_error(&even(n), share);
            assert!((found / expected - 1.0).abs() < 1e-9, "{n} {share}: {found} {expected}");
        }
        assert_eq!(quantile_error(&Vec::new(), 0.95), 0.0);
    }

    /// Nothing between two groups: the count up to a bound between them is exact.
    #[test]
    fn a_bound_between_two_groups_is_exact() {
        let apart = cumulative([(Bin::of(0.1), 7), (Bin::of(10.0), 3)]);
        assert_eq!(up_to(&apart, 1.0), Some((7.0, true)));
        assert_eq!(up_to(&Cumulative::new(), 1.0), None);
    }

    /// The example of PromQL's documentation of `histogram_quantile`, worked by hand: 100 values, the
    /// 95th lies halfway in the bucket from 1 to 2.
    #[test]
    fn a_quantile_is_interpolated_as_promql_does() {
        let buckets = vec![(0.5, 60.0), (1.0, 90.0), (2.0, 100.0), (f64::INFINITY, 100.0)];
        assert_eq!(quantile(&buckets, 0.95), Ok(1.5));
        assert_eq!(quantile(&buckets, 0.5), Ok(0.5 * 50.0 / 60.0));
        assert_eq!(quantile(&buckets, 0.99), Err(NoAnswer::TooFew { n: 100, needed: 500 }));
        let beyond = vec![(0.5, 10.0), (f64::INFINITY, 100.0)];
        assert_eq!(quantile(&beyond, 0.9), Ok(0.5));
    }

    #[test]
    fn merged_bins_give_the_quantile_of_all_values() {
        let part =
            |from: u32, to: u32| cumulative((from..to).map(|k| (Bin::of(f64::from(k) * 0.001), 1)));
        let all = merged([&part(1, 700), &part(500, 2_001)]);
        let mut values: Vec<f64> =
            (1..700).chain(500..2_001).map(|k| f64::from(k) * 0.001).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(all.last().map(|last| last.1), Some(values.len() as f64));
        for share in [0.1, 0.5, 0.9, 0.99] {
            let truth = values[(share * values.len() as f64) as usize];
            let found = quantile(&all, share).unwrap();
            assert!((found / truth - 1.0).abs() < 0.011, "{share} {found} {truth}");
        }
    }
}
