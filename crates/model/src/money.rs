//! Exact amounts: fixed point with 18 decimals in an `i128`, as DECIMAL(38,18) holds them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in units of 10⁻¹⁸ of its currency. On every wire it is a decimal string, since binary
/// floating point cannot hold it. Range ±10²⁰ exclusive, the 38 digits of DECIMAL(38,18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(pub i128);

impl Amount {
    /// Digits after the point.
    pub const SCALE: u32 = 18;
    /// One whole unit of currency.
    pub const ONE: i128 = 1_000_000_000_000_000_000;
    /// The largest magnitude, exclusive: 10³⁸ in units of 10⁻¹⁸.
    pub const LIMIT: i128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;
    /// Nothing; not the same as unknown.
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` when it would leave the range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).filter(|sum| sum.abs() < Self::LIMIT).map(Self)
    }

    /// The difference, or `None` when it would leave the range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self(-other.0))
    }

    /// The nearest floating-point number, for ratios and charts only.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::ONE as f64
    }
}

impl FromStr for Amount {
    type Err = String;

    /// Reads `-12.34`, `1e-7` and `.5`; refuses separators, signs of currency, NaN and more than 18
    /// decimals that are not zero.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a decimal number");
        let trimmed = text.trim();
        let (mantissa, exponent) = match trimmed.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.parse::<i32>().map_err(|_error| wrong())?)
            }
            None => (trimmed, 0),
        };
        let (is_negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
            return Err(wrong());
        }
        let mut all: String = format!("{whole}{fraction}");
        // Position of the last digit relative to 10⁻¹⁸.
        let mut shift = i64::from(exponent) - fraction.len() as i64 + i64::from(Self::SCALE);
        while shift < 0 && all.ends_with('0') {
            all.pop();
            shift += 1;
        }
        let significant = all.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        if shift < 0 {
            return Err(format!("`{text}` has more than 18 decimals"));
        }
        let length = significant.len() as i64 + shift;
        if length > 38 {
            return Err(format!("`{text}` is too large: at most 20 digits before the point"));
        }
        let value =
            significant.parse::<i128>().map_err(|_error| wrong())? * 10_i128.pow(shift as u32);
        Ok(Self(if is_negative { -value } else { value }))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let whole = magnitude / Self::ONE.unsigned_abs();
        let fraction = format!("{:018}", magnitude % Self::ONE.unsigned_abs());
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]+(\\.[0-9]+)?$",
            "description": "exact decimal amount, up to 18 digits after the point"
        })
    }
}

/// The four bases of FOCUS.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What the invoice says (`BilledCost`).
    Billed,
    /// With upfront fees spread over their term (`EffectiveCost`).
    Effective,
    /// At list price (`ListCost`).
    List,
    /// At the negotiated price without commitments (`ContractedCost`).
    Contracted,
}

impl Basis {
    /// All, in their fixed order.
    pub const ALL: [Self; 4] = [Self::Billed, Self::Effective, Self::List, Self::Contracted];

    /// The word used on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Effective => "effective",
            Self::List => "list",
            Self::Contracted => "contracted",
        }
    }
}

impl FromStr for Basis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|basis| basis.as_str() == text)
            .ok_or_else(|| format!("`{text}` is none of billed, effective, list, contracted"))
    }
}

/// How a sum of money came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// As the provider billed it.
    Charged,
    /// Split by an allocation rule.
    Allocated,
    /// Computed from a named price source.
    Estimated,
    /// Converted with a rate table.
    Converted,
    /// Expected of a time that has not ended.
    Forecast,
    /// As people stated it.
    Stated,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_sums_survive() {
        for text in ["20.52022672899", "14.97626039326", "-0.000000000000000001", "0", "7"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
        assert_eq!("1.5e-3".parse::<Amount>().unwrap().to_string(), "0.0015");
        assert_eq!("1E2".parse::<Amount>().unwrap().to_string(), "100");
        assert_eq!(".50".parse::<Amount>().unwrap().to_string(), "0.5");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "NaN",
            "inf",
            "1,000",
            "$3",
            "0x1",
            "1e",
            "1.0000000000000000001",
            "1e21",
        ] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(units in -Amount::LIMIT + 1..Amount::LIMIT) {
            prop_assert_eq!(Amount(units).to_string().parse::<Amount>(), Ok(Amount(units)));
        }
    }
}
