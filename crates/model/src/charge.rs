//! Billed rows in FOCUS's terms, and the deliveries they come in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entity::Labels;
use crate::money::Amount;
use crate::reference::Reference;
use crate::time::Micros;

/// One billed row. A missing cell is `None`, never 0. Names are FOCUS's; CUR and Azure are mapped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChargeObservation {
    /// Line or row of the file, from 1 for the first row of data.
    pub row: u64,
    /// `BillingAccountId`.
    pub billing_account: String,
    /// `SubAccountId`.
    pub sub_account: Option<String>,
    /// `SubAccountName`.
    pub sub_account_name: Option<String>,
    /// `BillingPeriodStart`.
    pub billing_period_start: Micros,
    /// `BillingPeriodEnd`.
    pub billing_period_end: Micros,
    /// `ChargePeriodStart`.
    pub charge_period_start: Micros,
    /// `ChargePeriodEnd`.
    pub charge_period_end: Micros,
    /// `ServiceProviderName`, else `ProviderName`.
    pub provider: String,
    /// `PublisherName`.
    pub publisher: Option<String>,
    /// `ServiceName`.
    pub service: Option<String>,
    /// `ServiceCategory`.
    pub service_category: Option<String>,
    /// `RegionId`.
    pub region: Option<String>,
    /// `AvailabilityZone`.
    pub zone: Option<String>,
    /// `ChargeCategory`: Usage, Purchase, Tax, Credit, Adjustment.
    pub category: String,
    /// `ChargeClass`: Correction, or none.
    pub class: Option<String>,
    /// `ChargeFrequency`.
    pub frequency: Option<String>,
    /// `ChargeDescription`.
    pub description: Option<String>,
    /// `PricingCategory`: Standard, Dynamic, Committed, Other.
    pub pricing_category: Option<String>,
    /// `CommitmentDiscountId`.
    pub commitment_id: Option<String>,
    /// `CommitmentDiscountStatus`: Used or Unused.
    pub commitment_status: Option<String>,
    /// `SkuId`.
    pub sku: Option<String>,
    /// `ResourceId` as billed.
    pub resource_id: Option<String>,
    /// `ResourceName`.
    pub resource_name: Option<String>,
    /// `ResourceType`.
    pub resource_type: Option<String>,
    /// What the resource id leads to.
    pub resource: Option<Reference>,
    /// `BillingCurrency`.
    pub currency: String,
    /// `BilledCost`.
    pub billed: Option<Amount>,
    /// `EffectiveCost`.
    pub effective: Option<Amount>,
    /// `ListCost`.
    pub list: Option<Amount>,
    /// `ContractedCost`.
    pub contracted: Option<Amount>,
    /// `ConsumedQuantity`.
    pub quantity: Option<Amount>,
    /// `ConsumedUnit`.
    pub unit: Option<String>,
    /// `x_Operation` or `lineItem/Operation`.
    pub operation: Option<String>,
    /// `Tags`.
    pub tags: Labels,
}

/// A bill's format; when two cover one account and period, FOCUS counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BillFormat {
    /// FOCUS 1.0 to 1.4.
    Focus,
    /// AWS Cost and Usage Report.
    Cur,
    /// Azure cost export.
    Azure,
}

impl BillFormat {
    /// The word used on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Cur => "cur",
            Self::Azure => "azure",
        }
    }
}

/// Which delivery the charges of one input belong to; its key is (format, billing account, billing
/// period), taken from each row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryObservation {
    /// Format.
    pub format: BillFormat,
    /// Files that carry one name add up: the manifest's, `--delivery`'s, else the ingest run's id.
    pub name: String,
    /// When the export says that it was made.
    pub exported_at: Option<Micros>,
}
