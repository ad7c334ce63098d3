//! Facts of `savings_candidates`: charges by resource and kind of usage, exact.

use crate::money::Amount;
use crate::time::{Micros, Window};

/// Which charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageCostQuery {
    /// Charges whose period starts in here.
    pub window: Window,
    /// Most rows to give; the rest is refused, never cut.
    pub limit: usize,
}

/// Charges of one resource and one kind of usage, summed over the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageCostRow {
    /// Canonical id of the entity that the resource id leads to.
    pub entity: Option<String>,
    /// `ResourceId` as billed.
    pub resource_id: Option<String>,
    /// `SubAccountId`, else `BillingAccountId`.
    pub account: String,
    /// `RegionId`.
    pub region: Option<String>,
    /// `ServiceName`.
    pub service: Option<String>,
    /// `SkuId`.
    pub sku: Option<String>,
    /// Operation (`RunInstances:0002`).
    pub operation: Option<String>,
    /// `ChargeDescription`.
    pub description: Option<String>,
    /// `ConsumedUnit`.
    pub unit: Option<String>,
    /// `ChargeCategory`.
    pub category: String,
    /// `PricingCategory`.
    pub pricing_category: Option<String>,
    /// `CommitmentDiscountId`.
    pub commitment_id: Option<String>,
    /// `CommitmentDiscountStatus`.
    pub commitment_status: Option<String>,
    /// Currency.
    pub currency: String,
    /// Rows.
    pub rows: u64,
    /// Sums in the order billed, effective, list, contracted, each with the rows that have it.
    pub sums: [(Amount, u64); 4],
    /// Sum of `ConsumedQuantity`, with the rows that have it.
    pub quantity: (Amount, u64),
    /// Earliest start of a charge period.
    pub first: Micros,
    /// Latest end of a charge period.
    pub last: Micros,
}
