//! Unsteadiness of a gauge: a pure function of the series and the instant.

use crate::random::{Keyed, Sequence};

/// Noise of one series.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    bits: u64,
}

impl Noise {
    /// Noise for a key.
    pub fn new(random: Keyed, key: &str) -> Self {
        Self { bits: random.bits(key) }
    }

    /// Between -1 and 1, equal within one minute and independent between minutes.
    pub fn at(self, at: i64) -> f64 {
        let minute = at.div_euclid(60).unsigned_abs();
        let mut sequence = Sequence::new(self.bits ^ minute.wrapping_mul(0x9e37_79b9));
        sequence.unit() * 2.0 - 1.0
    }
}
