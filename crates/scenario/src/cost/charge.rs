//! One charge, before it is written in any format.

use super::amount::Amount;
use crate::company::{Account, Environment};

/// Kind of charge, as FOCUS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Usage.
    Usage,
    /// Purchase of a commitment.
    Purchase,
    /// Tax.
    Tax,
    /// Credit.
    Credit,
}

impl Category {
    /// FOCUS `ChargeCategory`.
    pub fn label(self) -> &'static str {
        match self {
            Category::Usage => "Usage",
            Category::Purchase => "Purchase",
            Category::Tax => "Tax",
            Category::Credit => "Credit",
        }
    }
}

/// What a commitment did for the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commitment {
    /// It paid for this usage.
    Used,
    /// It was paid and not used.
    Unused,
    /// The row buys it.
    Bought,
}

/// A service of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Product code, as in a CUR.
    pub code: &'static str,
    /// Service name.
    pub name: &'static str,
    /// FOCUS `ServiceCategory`.
    pub category: &'static str,
}

/// One charge.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Account that used it.
    pub account: Account,
    /// Where, if it is anywhere.
    pub place: Option<&'static Environment>,
    /// Zone, for what is zonal.
    pub zone: Option<String>,
    /// Charge period.
    pub start: i64,
    /// End of the charge period, not included.
    pub end: i64,
    /// Category.
    pub category: Category,
    /// `ChargeClass` is Correction.
    pub correction: bool,
    /// Product.
    pub product: Product,
    /// Usage type.
    pub usage_type: String,
    /// Operation.
    pub operation: &'static str,
    /// Description.
    pub description: String,
    /// Resource: an ARN or a bare id.
    pub resource: Option<String>,
    /// Resource type.
    pub resource_type: Option<&'static str>,
    /// Quantity.
    pub quantity: Amount,
    /// Unit of the quantity.
    pub unit: &'static str,
    /// List price of one unit; `None` where there is none.
    pub list_price: Option<Amount>,
    /// List cost.
    pub list: Option<Amount>,
    /// Contracted cost.
    pub contracted: Option<Amount>,
    /// Billed cost.
    pub billed: Amount,
    /// Effective cost.
    pub effective: Amount,
    /// Commitment.
    pub commitment: Option<Commitment>,
    /// Tags.
    pub tags: Vec<(&'static str, String)>,
}

impl Charge {
    /// FOCUS `PricingCategory`.
    pub fn pricing_category(&self) -> Option<&'static str> {
        match (self.category, self.commitment) {
            (Category::Tax | Category::Credit, _) => None,
            (_, Some(Commitment::Used | Commitment::Unused)) => Some("Committed"),
            _ => Some("Standard"),
        }
    }

    /// FOCUS `ChargeFrequency`.
    pub fn frequency(&self) -> &'static str {
        match (self.category, self.commitment) {
            (Category::Tax | Category::Credit, _) => "One-Time",
            (Category::Purchase, _) => "Recurring",
            _ => "Usage-Based",
        }
    }
}
