//! Many tests in one answer: p-values adjusted so that of what is called significant at 5 % at most 5 %
//! is expected to be chance (Benjamini and Hochberg 1995). O(n log n).

/// Adjusted p-values, in the order given. What is not a number stays and is not counted.
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = p
        .iter()
        .enumerate()
        .filter(|(_, p)| p.is_finite())
        .map(|(place, p)| (p.clamp(0.0, 1.0), place))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut adjusted = p.to_vec();
    let n = order.len() as f64;
    let mut least = 1.0_f64;
    for (rank, (p, place)) in order.iter().enumerate().rev() {
        least = least.min(p * n / (rank as f64 + 1.0));
        if let Some(held) = adjusted.get_mut(*place) {
            *held = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17: stats.false_discovery_control([...]).
    #[test]
    fn adjusted_values_are_those_of_scipy() {
        let found = adjusted(&[0.01, 0.04, 0.03, 0.005, 0.9, 0.2, 0.04]);
        let expected = [0.035, 0.056, 0.056, 0.035, 0.9, 0.233_333_333_333, 0.056];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
        assert!(adjusted(&[]).is_empty());
        assert!(adjusted(&[f64::NAN, 0.04])[0].is_nan());
        assert_eq!(adjusted(&[f64::NAN, 0.04])[1], 0.04);
    }
}
