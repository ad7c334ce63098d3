//! Figures with their unit and reason: no figure without them leaves the program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Amount, Basis, Origin};

/// A measured or computed figure. `value` is null exactly when `reason` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// The figure, finite.
    pub value: Option<f64>,
    /// Unit in UCUM or plain words (`s`, `1`, `/s`, `By`, `count`).
    pub unit: String,
    /// How many values it was computed from.
    pub n: Option<u64>,
    /// Why there is no figure: `no data`, `not collected`, `not configured`, `too few, n = 84`.
    pub reason: Option<String>,
}

impl Measure {
    /// A figure; one that is not finite becomes absent.
    pub fn new(value: f64, unit: &str) -> Self {
        if value.is_finite() {
            Self { value: Some(value), unit: unit.to_owned(), n: None, reason: None }
        } else {
            Self::absent(unit, "not a number")
        }
    }

    /// No figure, and why.
    pub fn absent(unit: &str, reason: impl Into<String>) -> Self {
        Self { value: None, unit: unit.to_owned(), n: None, reason: Some(reason.into()) }
    }

    /// The same, with the number of values behind it.
    #[must_use]
    pub fn of(mut self, n: u64) -> Self {
        self.n = Some(n);
        self
    }
}

/// A sum of money in one currency, on one basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// The sum of the rows that have the value; null when no row has it.
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: String,
    /// Basis.
    pub basis: Basis,
    /// Origin.
    pub origin: Origin,
    /// Rows in the sum.
    pub rows: u64,
    /// Rows that lack the value and are not in the sum.
    pub rows_without: u64,
}
