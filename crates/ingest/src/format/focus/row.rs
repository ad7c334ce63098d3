//! One row of a FOCUS bill.

use model::charge::ChargeObservation;
use model::entity::Labels;
use model::{Amount, Micros};

use crate::format::bill::{self, Book, CellError, Cells, RowResult};
use crate::input::Out;

/// Declares the columns that are read, each by its name in the specification.
macro_rules! columns {
    ($($column:ident),* $(,)?) => {
        /// A column that is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column { $(#[doc = stringify!($column)] $column),* }

        /// Names, in the order of [`Column`].
        pub const NAMES: &[&str] = &[$(stringify!($column)),*];
    };
}

columns! {
    AvailabilityZone,
    BilledCost,
    BillingAccountId,
    BillingCurrency,
    BillingPeriodEnd,
    BillingPeriodStart,
    ChargeCategory,
    ChargeClass,
    ChargeDescription,
    ChargeFrequency,
    ChargePeriodEnd,
    ChargePeriodStart,
    CommitmentDiscountId,
    CommitmentDiscountStatus,
    ConsumedQuantity,
    ConsumedUnit,
    ContractedCost,
    EffectiveCost,
    ListCost,
    PricingCategory,
    ProviderName,
    PublisherName,
    RegionId,
    ResourceId,
    ResourceName,
    ResourceType,
    ServiceCategory,
    ServiceName,
    ServiceProviderName,
    SkuId,
    SubAccountId,
    SubAccountName,
    Tags,
    XOperation,
}

impl Column {
    /// Its name in the specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::XOperation => "x_Operation",
            other => NAMES[other as usize],
        }
    }
}

/// What a row says. A cell that is needed to book the row, or an amount that cannot be read, refuses
/// the row; unreadable tags are left out and said.
pub fn charge(row: u64, cells: &dyn Cells, book: &mut Book, out: &mut Out<'_>) -> RowResult {
    use Column as C;
    let text = |column: Column| cells.cell(column as usize).map(str::to_owned);
    let needed = |column: Column| {
        text(column).ok_or_else(|| CellError::new(column.name(), "is empty, but mandatory"))
    };
    let instant = |column: Column| -> Result<Micros, CellError> {
        bill::instant_of(&needed(column)?).map_err(|reason| CellError::new(column.name(), reason))
    };
    let mut amount = |column: Column| amount(cells, column, book);
    let charge = ChargeObservation {
        row,
        billing_account: needed(C::BillingAccountId)?,
        sub_account: text(C::SubAccountId),
        sub_account_name: text(C::SubAccountName),
        billing_period_start: instant(C::BillingPeriodStart)?,
        billing_period_end: instant(C::BillingPeriodEnd)?,
        charge_period_start: instant(C::ChargePeriodStart)?,
        charge_period_end: instant(C::ChargePeriodEnd)?,
        provider: match text(C::ServiceProviderName) {
            Some(provider) => provider,
            None => needed(C::ProviderName)?,
        },
        publisher: text(C::PublisherName),
        service: text(C::ServiceName),
        service_category: text(C::ServiceCategory),
        region: text(C::RegionId),
        zone: text(C::AvailabilityZone),
        category: needed(C::ChargeCategory)?,
        class: text(C::ChargeClass),
        frequency: text(C::ChargeFrequency),
        description: text(C::ChargeDescription),
        pricing_category: text(C::PricingCategory),
        commitment_id: text(C::CommitmentDiscountId),
        commitment_status: text(C::CommitmentDiscountStatus),
        sku: text(C::SkuId),
        resource_id: text(C::ResourceId),
        resource_name: text(C::ResourceName),
        resource_type: text(C::ResourceType),
        resource: cells.cell(C::ResourceId as usize).map(bill::resource),
        currency: bill::currency(&needed(C::BillingCurrency)?)
            .map_err(|reason| CellError::new(C::BillingCurrency.name(), reason))?,
        billed: amount(C::BilledCost)?,
        effective: amount(C::EffectiveCost)?,
        list: amount(C::ListCost)?,
        contracted: amount(C::ContractedCost)?,
        quantity: amount(C::ConsumedQuantity)?,
        unit: text(C::ConsumedUnit),
        operation: text(C::XOperation),
        tags: tags(row, cells, out),
    };
    bill::periods(&charge, [C::BillingPeriodEnd.name(), C::ChargePeriodEnd.name()])?;
    Ok(charge)
}

fn amount(cells: &dyn Cells, column: Column, book: &mut Book) -> Result<Option<Amount>, CellError> {
    let Some(cell) = cells.cell(column as usize) else { return Ok(None) };
    let (amount, is_rounded) =
        bill::amount(cell).map_err(|reason| CellError::new(column.name(), reason))?;
    if is_rounded {
        book.note_rounding(column.name());
    }
    Ok(Some(amount))
}

fn tags(row: u64, cells: &dyn Cells, out: &mut Out<'_>) -> Labels {
    let Some(cell) = cells.cell(Column::Tags as usize) else { return Labels::new() };
    bill::tags(cell).unwrap_or_else(|reason| {
        out.reject(
            format!("row {row}, column Tags"),
            format!("{reason}; the row went in without tags"),
        );
        Labels::new()
    })
}
