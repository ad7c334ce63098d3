//! Figures with their unit and reason: no figure without them leaves the program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::absence::{Absence, Absent};
use crate::money::{Amount, Basis, Origin};

/// How a figure came about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MeasureBasis {
    /// As a source sent it, or counted in what it sent.
    Measured,
    /// As a provider bills it.
    Billed,
    /// Worked out from what was measured, billed or stated.
    Computed,
    /// Worked out with assumptions, which the answer names.
    Estimated,
    /// Of a time to come.
    Forecast,
}

/// A measured or computed figure. `value` is null exactly when `reason` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// The figure, finite.
    pub value: Option<f64>,
    /// Unit in UCUM or plain words (`s`, `1`, `/s`, `By`, `count`).
    pub unit: String,
    /// How it came about; null when there is none.
    #[serde(default)]
    pub basis: Option<MeasureBasis>,
    /// How many values it was computed from.
    pub n: Option<u64>,
    /// Why there is no figure.
    pub reason: Option<Absence>,
    /// More of the reason, for people: `too few, n = 84`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Measure {
    /// A computed figure; one that is not finite becomes absent.
    pub fn new(value: f64, unit: &str) -> Self {
        if !value.is_finite() {
            return Self::absent(unit, Absence::NotApplicable.because("not a number"));
        }
        Self {
            value: Some(value),
            unit: unit.to_owned(),
            basis: Some(MeasureBasis::Computed),
            n: None,
            reason: None,
            detail: None,
        }
    }

    /// A figure as sources sent it; one that is not finite becomes absent.
    pub fn measured(value: f64, unit: &str) -> Self {
        Self::new(value, unit).by(MeasureBasis::Measured)
    }

    /// No figure, and why.
    pub fn absent(unit: &str, why: impl Into<Absent>) -> Self {
        let Absent { reason, detail } = why.into();
        let unit = unit.to_owned();
        Self { value: None, unit, basis: None, n: None, reason: Some(reason), detail }
    }

    /// Why there is no figure, for people; empty where there is one.
    pub fn absence_words(&self) -> String {
        let Some(reason) = self.reason else { return String::new() };
        Absent { reason, detail: self.detail.clone() }.words()
    }

    /// The same, with the number of values behind it.
    #[must_use]
    pub fn of(mut self, n: u64) -> Self {
        self.n = Some(n);
        self
    }

    /// The same figure, come about otherwise; an absent one stays as it is.
    #[must_use]
    pub fn by(mut self, basis: MeasureBasis) -> Self {
        self.basis = self.value.map(|_| basis);
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
    /// Why there is no sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Absence>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_there_or_says_why_not() {
        let found = Measure::measured(2.0, "s");
        assert_eq!((found.basis, found.reason), (Some(MeasureBasis::Measured), None));
        let few = Absence::TooLittleData.because("too few, n = 3");
        let absent = Measure::absent("s", few).of(3).by(MeasureBasis::Measured);
        let wire = serde_json::to_value(&absent).unwrap();
        let expected = serde_json::json!({ "value": null, "unit": "s", "basis": null, "n": 3,
            "reason": "too_little_data", "detail": "too few, n = 3" });
        assert_eq!(wire, expected);
        assert_eq!(Measure::new(f64::NAN, "s").reason, Some(Absence::NotApplicable));
    }
}
