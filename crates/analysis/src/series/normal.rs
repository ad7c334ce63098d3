//! The standard normal distribution: tail and quantile. The tail is the complementary error function's
//! continued fraction and series (DLMF 7.6.2 and 7.9.1); the quantile inverts it.

/// The probability of a value above z.
pub fn upper_tail(z: f64) -> f64 {
    if z.is_nan() {
        return 1.0;
    }
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    if z < 3.0 {
        // Φ(z) − 1/2 = φ(z)·Σ z^(2k+1)/(1·3·…·(2k+1)).
        let (mut term, mut sum, mut odd) = (z, z, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        return 0.5 - density * sum;
    }
    // φ(z)/(z + 1/(z + 2/(z + …))), from far enough inside.
    let below = (1..=60).rev().fold(z, |inner, k| z + f64::from(k) / inner);
    density / below
}

/// The value that a share `level` of all lies below; `level` above 0 and below 1.
pub fn quantile(level: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if 1.0 - upper_tail(middle) < level { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.norm.sf of 0, 0.5, 1.96, 2.999, 3.001, 4, 8 and norm.ppf of 0.1, 0.975.
    #[test]
    fn figures_are_those_of_scipy() {
        for (z, expected) in [
            (0.0, 0.5),
            (0.5, 0.308_537_538_725_986_9),
            (1.96, 0.024_997_895_148_220_435),
            (2.999, 0.001_354_336_533_727_105_7),
            (3.001, 0.001_345_472_825_084_965_3),
            (4.0, 3.167_124_183_311_986e-5),
            (8.0, 6.220_960_574_271_74e-16),
        ] {
            let found = upper_tail(z);
            assert!((found - expected).abs() < 1e-9 * expected, "{z}: {found}");
            assert!((upper_tail(-z) + found - 1.0).abs() < 1e-12);
        }
        assert!((quantile(0.1) + 1.281_551_565_544_600_4).abs() < 1e-9);
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
    }
}
