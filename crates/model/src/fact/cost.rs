//! Facts of `cost_analysis`: exact sums over charges that count, by any dimensions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::charge::BillFormat;
use crate::money::Amount;
use crate::scope::Place;
use crate::time::{Micros, Window};

/// What to sum by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum CostDimension {
    Provider,
    Service,
    ServiceCategory,
    /// `BillingAccountId`.
    BillingAccount,
    /// `SubAccountId`.
    Account,
    Region,
    Category,
    Resource,
    ResourceType,
    Sku,
    PricingCategory,
    CommitmentStatus,
    /// `CommitmentDiscountId`.
    Commitment,
    /// `ChargeFrequency`.
    Frequency,
    /// `ChargeClass`.
    Class,
    /// `ConsumedUnit`.
    Unit,
    /// `PublisherName`.
    Publisher,
    /// Name of the sub-account.
    AccountName,
    /// `x_Operation` or `lineItem/Operation`.
    Operation,
    /// Canonical id of the owner at the charge's time.
    Owner,
    /// Canonical id of the application.
    Application,
    /// The owner, which questions turn into the team that it is or belongs to.
    Team,
    /// The owner, which questions turn into the business unit above it.
    BusinessUnit,
    /// The application, which questions turn into the products that it serves.
    Product,
    /// The value of one tag.
    Tag(String),
    /// Start of the billing period.
    BillingPeriod,
    Currency,
}

/// Length of a bucket of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostStep {
    /// Days in UTC.
    Day,
    /// Calendar months in UTC.
    Month,
}

/// Which charges, summed by what; by default all that are held, as one sum. Rows are always split by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostQuery {
    /// Places: account matches the sub-account, region the region; environment, cluster and
    /// namespace match the charged resource's entity.
    pub place: Place,
    /// Canonical ids of owning units or products.
    pub unit: Vec<String>,
    /// Charges whose period starts in here; `None` for all held.
    pub window: Option<Window>,
    /// Put a charge into the billing period that bills it rather than the time it was used.
    pub by_billing_period: bool,
    /// Equalities that must all hold, on any dimension; the text is the value, empty for absent.
    pub filters: Vec<(CostDimension, String)>,
    /// What to sum by.
    pub dimensions: Vec<CostDimension>,
    /// Buckets of time, if wanted.
    pub step: Option<CostStep>,
}

/// Sums of one combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// Start of the bucket, if there are buckets.
    pub at: Option<Micros>,
    /// Values of the dimensions, in the order asked; `None` where the charge has none.
    pub values: Vec<Option<String>>,
    /// Currency.
    pub currency: String,
    /// Rows.
    pub rows: u64,
    /// Sums in the order billed, effective, list, contracted, each with the rows that have it.
    pub sums: [(Amount, u64); 4],
    /// Earliest start of a charge period.
    pub first: Micros,
    /// Latest end of a charge period.
    pub last: Micros,
}

/// Sums of one combination with what was consumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostItemRow {
    /// The sums.
    pub cost: CostRow,
    /// Whether the charge periods are longer than a day and a half: fees of a month, not usage of a day.
    pub is_long: bool,
    /// Sum of `ConsumedQuantity`, with the rows that have it.
    pub quantity: (Amount, u64),
    /// Sum of the contracted cost, of the list cost where that is absent, with the rows that have one.
    pub before_commitment: (Amount, u64),
    /// Rows of `before_commitment` that took the list cost.
    pub from_list: u64,
}

/// One delivery and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillFact {
    /// Format.
    pub format: BillFormat,
    /// Billing account.
    pub billing_account: String,
    /// Start of the billing period.
    pub billing_period: jiff::Timestamp,
    /// Name of the delivery.
    pub name: String,
    /// When the export was made, or observed.
    pub exported_at: jiff::Timestamp,
    /// Rows.
    pub rows: u64,
    /// Sum of the billed cost by currency, in order of currency.
    pub billed: Vec<(String, Amount)>,
    /// `counted`, `superseded`, `held` or `other_format`.
    pub state: String,
    /// Why it does not count.
    pub reason: Option<String>,
}
