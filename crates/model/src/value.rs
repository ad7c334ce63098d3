//! What the business gets and what a unit may spend, as stated in files.

use serde::{Deserialize, Serialize};

use crate::entity::Labels;
use crate::money::{Amount, Basis};
use crate::reference::Reference;
use crate::time::Micros;

/// One value of one metric over one period. Key: (metric, of, period, currency, source).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueObservation {
    /// Name (`orders`).
    pub metric: String,
    /// The product, application, entry point or unit it is of.
    pub of: Reference,
    /// Start of the period.
    pub from: Micros,
    /// End of the period, not included.
    pub to: Micros,
    /// The value; of a split the whole.
    pub value: Amount,
    /// Part of the value that is this one's, 0 to 1, where several products or units share it.
    #[serde(default)]
    pub share: Option<Amount>,
    /// Currency when it is money.
    pub currency: Option<String>,
    /// What is counted.
    pub unit: Option<String>,
    /// Where it is from, as the file says.
    pub stated_source: Option<String>,
}

/// What a unit may spend. Key: (unit, period, currency, basis).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetObservation {
    /// The unit.
    pub unit: Reference,
    /// Start of the period.
    pub from: Micros,
    /// End of the period, not included.
    pub to: Micros,
    /// Currency.
    pub currency: String,
    /// Basis it is compared with.
    pub basis: Basis,
    /// For the whole period.
    pub amount: Amount,
    /// Whether tax counts.
    pub has_tax: bool,
    /// Whether credits and refunds count.
    pub has_credits: bool,
    /// `even`, `weekdays`, or shares by month joined by `;`.
    pub phasing: String,
}

/// What somebody takes for granted about value: the body of a stated observation of kind `Assumption`.
/// Its first subject is the product, application, entry point or unit it is about. Key: (name, of).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedAssumption {
    /// `value_per_minute`: what a minute of it is worth.
    pub name: String,
    /// The value.
    pub value: Amount,
    /// Currency when it is money.
    pub currency: Option<String>,
    /// Part of it that is lost when what it is about is harmed, 0 to 1; absent is all of it.
    pub share: Option<Amount>,
    /// Who set it.
    pub set_by: String,
    /// When it was set.
    pub set_at: Option<Micros>,
    /// Why, or how it was worked out.
    pub note: Option<String>,
}

/// Assumptions that are understood.
pub const ASSUMPTIONS: [&str; 1] = ["value_per_minute"];

/// One row of an ownership table: what matches is owned by, or is part of, a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnershipRule {
    /// Terms that must all hold, by key (`namespace`, `tag.team`, …); `*` at a value's end matches any
    /// rest.
    pub terms: Labels,
    /// Canonical id of the owning unit.
    pub owner: Option<String>,
    /// Canonical id of the application it is part of.
    pub application: Option<String>,
    /// Environment it sets.
    pub environment: Option<String>,
    /// Tier it sets.
    pub tier: Option<String>,
    /// Why the rule is there.
    pub note: Option<String>,
}
