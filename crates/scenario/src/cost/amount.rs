//! Money and quantities as whole multiples of 10⁻¹⁰, so that every sum is exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

const SCALE: i128 = 10_000_000_000;

/// A decimal with ten places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(pub i128);

impl Amount {
    /// Number of decimal places.
    pub const PLACES: u32 = 10;

    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self(value as i128 * SCALE)
    }

    /// `value` millionths.
    pub const fn micros(value: i64) -> Self {
        Self(value as i128 * (SCALE / 1_000_000))
    }

    /// The product, rounded half away from zero to ten places.
    pub fn times(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let half = if product < 0 { -SCALE / 2 } else { SCALE / 2 };
        Self((product + half) / SCALE)
    }

    /// `self · numerator / denominator`, rounded towards zero.
    pub fn share(self, numerator: i64, denominator: i64) -> Self {
        Self(self.0 * i128::from(numerator) / i128::from(denominator.max(1)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = self.0.unsigned_abs();
        let scale = SCALE.unsigned_abs();
        write!(f, "{sign}{}.{:010}", digits / scale, digits % scale)
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_text() {
        assert_eq!(Amount::micros(384_000).times(Amount::whole(24)).to_string(), "9.2160000000");
        assert_eq!((-Amount::micros(500_000)).to_string(), "-0.5000000000");
        assert_eq!(Amount::whole(10).share(1, 3).to_string(), "3.3333333333");
    }
}
