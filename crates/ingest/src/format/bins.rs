//! Histograms of senders in our bins. A sender's bucket is wider than a bin: its values are spread
//! over it as PromQL's interpolation assumes, so the bucket's width is the error that remains.

use std::collections::BTreeMap;

use model::series::Bin;

/// Buckets of one histogram that are read; OpenTelemetry sends at most 160, Prometheus some hundred.
pub const BUCKETS_MAX: usize = 20_000;
/// Places in one bucket over which its values are spread.
const PLACES: u64 = 16;

/// Counts by bin.
#[derive(Debug, Default)]
pub struct Bins(BTreeMap<Bin, u64>);

impl Bins {
    /// Values that are zero.
    pub fn zero(&mut self, count: u64) {
        self.put(Bin::ZERO, count);
    }

    /// Values in (`lower`, `upper`], spread evenly; an infinite end is left out.
    pub fn spread(&mut self, lower: f64, upper: f64, count: u64) {
        if count == 0 {
            return;
        }
        if !(lower.is_finite() && upper.is_finite() && lower < upper) {
            let value = if upper.is_finite() { upper } else { lower };
            self.put(if value.is_finite() { Bin::of(value) } else { Bin::ZERO }, count);
            return;
        }
        let places = count.min(PLACES);
        for place in 0..places {
            let share = (place as f64 + 0.5) / places as f64;
            let value = lower + (upper - lower) * share;
            let part = count / places + u64::from(place < count % places);
            self.put(Bin::of(value), part);
        }
    }

    /// Values in the bucket `index` of an exponential histogram of this `scale`:
    /// (base^index, base^(index+1)] with base = 2^(2^-scale).
    pub fn exponential(&mut self, scale: i32, index: i64, is_negative: bool, count: u64) {
        if is_negative {
            self.put(Bin::NEGATIVE, count);
            return;
        }
        let width = 2_f64.powi(scale.saturating_neg().clamp(-64, 64));
        let lower = (index as f64 * width).clamp(-1000.0, 1000.0).exp2();
        let upper = ((index.saturating_add(1)) as f64 * width).clamp(-1000.0, 1000.0).exp2();
        if upper / lower < Bin::BASE {
            self.put(Bin::of(f64::midpoint(lower, upper)), count);
        } else {
            self.spread(lower, upper, count);
        }
    }

    fn put(&mut self, bin: Bin, count: u64) {
        if count > 0 {
            let held = self.0.entry(bin).or_default();
            *held = held.saturating_add(count);
        }
    }

    /// In order of bin.
    pub fn finish(self) -> Vec<(Bin, u64)> {
        self.0.into_iter().collect()
    }
}

/// Values of a histogram with explicit bounds: `counts` has one more than `bounds`. `None` when the
/// two do not fit or bounds do not rise.
pub fn explicit(
    bounds: &[f64],
    counts: &[u64],
    min: Option<f64>,
    max: Option<f64>,
) -> Option<Vec<(Bin, u64)>> {
    let rises = bounds.windows(2).all(|pair| pair[0] < pair[1]);
    let finite = bounds.iter().all(|bound| bound.is_finite());
    if counts.len() != bounds.len() + 1 || !rises || !finite || counts.len() > BUCKETS_MAX {
        return None;
    }
    let (min, max) = (min.filter(|min| min.is_finite()), max.filter(|max| max.is_finite()));
    let mut bins = Bins::default();
    for (index, count) in counts.iter().enumerate() {
        let below = index.checked_sub(1).and_then(|index| bounds.get(index)).copied();
        let above = bounds.get(index).copied();
        // The first bucket begins at zero when its bound is positive, as PromQL assumes.
        let lower = below.or(above.filter(|above| *above > 0.0).map(|_| 0.0));
        let lower = match (lower, min) {
            (Some(lower), Some(min)) if above.is_none_or(|above| min < above) => lower.max(min),
            (lower, min) => lower.or(min).or(above).unwrap_or(0.0),
        };
        let upper = match (above, max) {
            (Some(above), Some(max)) if max > lower => above.min(max),
            (above, max) => above.or(max).unwrap_or(lower),
        };
        bins.spread(lower, upper, *count);
    }
    Some(bins.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quantile(bins: &[(Bin, u64)], q: f64) -> f64 {
        let total: u64 = bins.iter().map(|(_, count)| count).sum();
        let mut left = (q * total as f64).ceil() as u64;
        for (bin, count) in bins {
            if left <= *count {
                return bin.value();
            }
            left -= count;
        }
        f64::NAN
    }

    #[test]
    fn quantiles_are_those_of_promql() {
        // histogram_quantile(0.5) of 0..1: 100, 1..2: 100 is 1.0; of 0.9: 1.8.
        let bins = explicit(&[1.0, 2.0], &[100, 100, 0], None, None).unwrap();
        assert!((quantile(&bins, 0.5) - 1.0).abs() < 0.05, "{}", quantile(&bins, 0.5));
        assert!((quantile(&bins, 0.9) - 1.8).abs() < 0.08, "{}", quantile(&bins, 0.9));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(explicit(&[1.0], &[1], None, None).is_none());
        assert!(explicit(&[2.0, 1.0], &[1, 1, 1], None, None).is_none());
        assert!(explicit(&[f64::NAN], &[1, 1], None, None).is_none());
        assert_eq!(explicit(&[], &[3], Some(2.0), Some(2.0)).unwrap(), vec![(Bin::of(2.0), 3)]);
    }

    proptest! {
        #[test]
        fn no_value_is_lost(
            scale in -20_i32..30, index in any::<i32>(), count in 0_u64..1_000_000,
            is_negative: bool,
        ) {
            let mut bins = Bins::default();
            bins.exponential(scale, i64::from(index), is_negative, count);
            let total: u64 = bins.finish().iter().map(|(_, count)| count).sum();
            prop_assert_eq!(total, count);
        }

        #[test]
        fn a_value_stays_in_its_bucket(value in 1e-6_f64..1e6, scale in -2_i32..8) {
            let width = 2_f64.powi(-scale);
            let index = (value.log2() / width).ceil() as i64 - 1;
            let mut bins = Bins::default();
            bins.exponential(scale, index, false, 1);
            let found = bins.finish()[0].0.value();
            let (lower, upper) =
                ((index as f64 * width).exp2(), ((index + 1) as f64 * width).exp2());
            prop_assert!(found > lower * 0.98 && found < upper * 1.02, "{found} {lower} {upper}");
        }
    }
}
