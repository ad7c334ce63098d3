//! Quiet series for tests of false alarms: first-order autoregressive noise, in buckets such that 360 are
//! a day.

use model::time::Micros;

use super::Sample;
use super::random::Random;

/// Length of a bucket.
pub const STEP: i64 = 4 * Micros::MINUTE;

/// `n` buckets around 100 with a standard deviation of 1 and this autocorrelation.
pub fn autoregressive(seed: u64, n: usize, correlation: f64) -> Vec<Sample> {
    let mut random = Random::seeded(seed.wrapping_mul(0x9E37_79B9).wrapping_add(17));
    let mut state = random.normal();
    let innovation = (1.0 - correlation * correlation).sqrt();
    (0..n)
        .map(|place| {
            let at = Micros(place as i64 * STEP);
            let sample = Sample { at, value: 100.0 + state };
            state = correlation * state + innovation * random.normal();
            sample
        })
        .collect()
}
