//! The answer of `cost_analysis`.

use model::fact::{BillFact, CostStep};
use model::measure::Money;
use model::money::{Amount, Basis};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::day_shape::CostDays;
use super::params::CostPeriod;

/// What is spent.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostAnalysisAnswer {
    /// Basis that ranks groups and moves.
    pub basis: Basis,
    /// Where in time a charge belongs.
    pub period: CostPeriod,
    /// Dimensions of the groups, in the order asked.
    pub dimensions: Vec<String>,
    /// Length of a bucket over time.
    pub step: CostStep,
    /// One block for each currency, in order of currency; sums never mix them.
    pub currencies: Vec<CurrencyCost>,
    /// Deliveries whose rows are not in these sums and why; newest period first.
    pub not_counted: Vec<NotCounted>,
    /// Deliveries whose rows are, newest period first; at most 200.
    pub counted: Vec<BillFact>,
    /// The earliest of those; null when everything is settled.
    pub provisional_from: Option<Micros>,
    /// From when the charges of each provider may still change, in order of provider.
    pub provisional: Vec<Provisional>,
}

/// The newest 48 hours of a provider's charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Provisional {
    /// Provider.
    pub provider: String,
    /// Provisional from here.
    pub from: Micros,
}

/// The four bases of one set of charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Costs {
    /// As invoiced.
    pub billed: Money,
    /// With upfront fees spread over their term.
    pub effective: Money,
    /// At list price.
    pub list: Money,
    /// At the negotiated price without commitments.
    pub contracted: Money,
}

impl Costs {
    /// The one on this basis.
    pub fn of(&self, basis: Basis) -> &Money {
        match basis {
            Basis::Billed => &self.billed,
            Basis::Effective => &self.effective,
            Basis::List => &self.list,
            Basis::Contracted => &self.contracted,
        }
    }
}

/// Spend in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CurrencyCost {
    /// ISO 4217.
    pub currency: String,
    /// Rows.
    pub rows: u64,
    /// Everything: usage, purchases, tax, credits, refunds and adjustments.
    pub total: Costs,
    /// The same by charge category, in order of category; they add up to the total.
    pub categories: Vec<CategoryCost>,
    /// Groups in falling order of the basis, then in order of their values; the last may be the
    /// rest. They add up to the total.
    pub groups: Vec<CostGroup>,
    /// Over time, in order; buckets without a charge are left out. They add up to the total.
    pub over_time: Vec<CostPoint>,
    /// What moved between the last two complete periods; null without two.
    pub movers: Option<Movers>,
    /// What no tag and no owner is known of.
    pub unattributed: Unattributed,
    /// What the days show: anomalies, trends, forecast; null when asked by billing period.
    pub days: Option<CostDays>,
}

/// Spend of one charge category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CategoryCost {
    /// `Usage`, `Purchase`, `Tax`, `Credit`, `Adjustment` or as billed.
    pub category: String,
    /// Costs.
    pub costs: Costs,
}

/// Spend of one combination of values.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostGroup {
    /// Values in the order of the dimensions; null where the charge has none; empty for the rest.
    pub values: Vec<Option<String>>,
    /// For the rest: how many groups it sums; 0 for a single group.
    pub others: u64,
    /// Rows.
    pub rows: u64,
    /// Costs.
    pub costs: Costs,
    /// Share of the total on the basis; null when the total is not positive.
    pub share: Option<f64>,
}

/// Spend of one bucket of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostPoint {
    /// Start.
    pub at: Micros,
    /// End, not included.
    pub until: Micros,
    /// Whether it lies whole in the window, has ended, and is covered by charges to its end.
    pub is_complete: bool,
    /// Whether some of it is provisional.
    pub is_provisional: bool,
    /// Costs.
    pub costs: Costs,
    /// The same on the basis by group, in the order of `groups`; null where a group has no charge
    /// with a value there.
    pub groups: Vec<Option<Amount>>,
}

/// What moved between two complete periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Movers {
    /// Start of the earlier period.
    pub before: Micros,
    /// Start of the later period.
    pub after: Micros,
    /// Sum of the earlier on the basis.
    pub amount_before: Amount,
    /// Sum of the later on the basis.
    pub amount_after: Amount,
    /// Exact difference; the changes of all movers and of the rest add up to it.
    pub change: Amount,
    /// Groups by size of their change, then in order of their values; the last may be the rest.
    pub movers: Vec<Mover>,
}

/// One group that moved.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Mover {
    /// Values in the order of the dimensions; empty for the rest.
    pub values: Vec<Option<String>>,
    /// For the rest: how many groups it sums.
    pub others: u64,
    /// Sum of the earlier period; null when the group has no charge in it.
    pub before: Option<Amount>,
    /// Sum of the later period; null when the group has no charge in it.
    pub after: Option<Amount>,
    /// Exact difference, what is absent counting as nothing.
    pub change: Amount,
    /// Change of the earlier sum as a ratio; null where that is absent or not positive.
    pub change_ratio: Option<f64>,
}

/// What cannot be laid at anybody's door.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Unattributed {
    /// Charges without an owner.
    pub unowned: Costs,
    /// Their share of the total on the basis; null when the total is not positive.
    pub unowned_share: Option<f64>,
    /// Charges without an application.
    pub without_application: Costs,
    /// Their share of the total on the basis.
    pub without_application_share: Option<f64>,
    /// Charges without a value of each tag that was asked about, in the order asked.
    pub untagged: Vec<UntaggedCost>,
}

/// Charges that lack one tag.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UntaggedCost {
    /// Name of the tag.
    pub tag: String,
    /// Costs.
    pub costs: Costs,
    /// Share of the total on the basis.
    pub share: Option<f64>,
}

/// A delivery that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotCounted {
    /// The delivery.
    pub bill: BillFact,
    /// Why, for people.
    pub reason: String,
}
