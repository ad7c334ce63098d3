//! Apdex of requests: satisfied up to T, tolerated up to 4T, each of these counting half ("Application
//! Performance Index", Apdex Alliance, 2007). Exact where bins or buckets end at T and 4T, otherwise the
//! bucket that holds a bound is divided on the line between its ends, and the figure is labelled.

use super::cumulative::{Cumulative, up_to};

/// The index and how it came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apdex {
    /// 0 to 1.
    pub value: f64,
    /// Requests.
    pub total: f64,
    /// Whether no bucket ends at T or at 4T, so that counts within one are estimated.
    pub is_interpolated: bool,
}

/// The index of durations for a threshold of T seconds; `None` without any.
pub fn apdex(buckets: &Cumulative, threshold: f64) -> Option<Apdex> {
    let total = buckets.last()?.1;
    if total <= 0.0 || threshold <= 0.0 {
        return None;
    }
    let (satisfied, is_exact) = up_to(buckets, threshold)?;
    let (tolerated, is_exact_too) = up_to(buckets, 4.0 * threshold)?;
    let value = (satisfied + (tolerated - satisfied).max(0.0) / 2.0) / total;
    Some(Apdex { value, total, is_interpolated: !(is_exact && is_exact_too) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::cumulative::cumulative;
    use model::series::Bin;

    /// The specification's example: 100 requests, 60 satisfied, 30 tolerated: 0.75.
    #[test]
    fn the_index_is_that_of_the_specification() {
        let buckets = vec![(0.5, 60.0), (1.0, 75.0), (2.0, 90.0), (f64::INFINITY, 100.0)];
        let found = apdex(&buckets, 0.5).unwrap();
        assert_eq!((found.value, found.total, found.is_interpolated), (0.75, 100.0, false));
        // 0.75 lies halfway between 0.5 and 1, and 3 beyond the last bound.
        let found = apdex(&buckets, 0.75).unwrap();
        assert_eq!(found.value, (67.5 + (90.0 - 67.5) / 2.0) / 100.0);
        assert!(found.is_interpolated);
        assert_eq!(apdex(&Vec::new(), 0.5), None);
        assert_eq!(apdex(&vec![(1.0, 0.0)], 0.5), None);
    }

    #[test]
    fn bins_give_nearly_what_the_values_do() {
        let values: Vec<f64> = (1..=2_000).map(|k| f64::from(k) * 0.001).collect();
        let buckets = cumulative(values.iter().map(|value| (Bin::of(*value), 1)));
        let found = apdex(&buckets, 0.3).unwrap();
        let share = |bound: f64| values.iter().filter(|x| **x <= bound).count() as f64 / 2_000.0;
        assert!((found.value - (share(0.3) + share(1.2)) / 2.0).abs() < 0.01, "{found:?}");
    }
}
