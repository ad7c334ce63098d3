//! One row of Azure's cost details in FOCUS's terms.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::charge::ChargeObservation;
use model::entity::Labels;
use model::{Amount, Micros};

use crate::format::bill::{self, Book, CellError, Cells, RowResult};
use crate::input::Out;

/// Declares the columns that are read, each by its documented name.
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
    BenefitId,
    BillingAccountId,
    BillingAccountName,
    BillingCurrency,
    BillingCurrencyCode,
    BillingPeriodEndDate,
    BillingPeriodStartDate,
    ChargeType,
    ConsumedService,
    Cost,
    CostInBillingCurrency,
    Currency,
    Date,
    EffectivePrice,
    Frequency,
    MeterCategory,
    MeterId,
    MeterName,
    PayGPrice,
    PaygCostInBillingCurrency,
    PreTaxCost,
    PricingCurrency,
    PricingModel,
    ProductName,
    PublisherName,
    PublisherType,
    Quantity,
    ReservationId,
    ResourceId,
    ResourceLocation,
    ResourceName,
    ServiceFamily,
    SubscriptionId,
    SubscriptionName,
    Tags,
    UnitOfMeasure,
    UnitPrice,
    UsageDate,
}

impl Column {
    /// Its name as documented.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// What a row is: category, and whether it is the unused part of a commitment.
fn nature(charge_type: &str) -> Option<(&'static str, bool)> {
    match bill::normalised(charge_type).as_str() {
        "usage" => Some(("Usage", false)),
        "purchase" => Some(("Purchase", false)),
        "unusedreservation" | "unusedsavingsplan" => Some(("Usage", true)),
        "refund" | "adjustment" | "roundingadjustment" => Some(("Adjustment", false)),
        "tax" => Some(("Tax", false)),
        "credit" => Some(("Credit", false)),
        _ => None,
    }
}

/// What a row says.
pub fn charge(row: u64, cells: &dyn Cells, book: &mut Book, out: &mut Out<'_>) -> RowResult {
    use Column as C;
    let text = |column: Column| cells.cell(column as usize).map(str::to_owned);
    let first = |columns: &[Column]| columns.iter().find_map(|column| text(*column));
    let needed = |columns: &[Column]| {
        first(columns).ok_or_else(|| CellError::new(columns[0].name(), "is empty, but needed"))
    };
    let charge_type = needed(&[C::ChargeType])?;
    let (category, is_unused) = nature(&charge_type).ok_or_else(|| {
        let reason = format!("`{}` is no charge type that is known", bill::shown(&charge_type));
        CellError::new(C::ChargeType.name(), reason)
    })?;
    let start = day(&needed(&[C::Date, C::UsageDate])?)
        .map_err(|reason| CellError::new(C::Date.name(), reason))?;
    let (billing_period_start, billing_period_end) = billing_period(cells, start)?;
    let commitment_id = first(&[C::ReservationId, C::BenefitId]);
    let is_committed = is_committed(text(C::PricingModel).as_deref(), commitment_id.as_deref());
    let costs = costs(cells, book, (category, is_unused, is_committed))?;
    let charge = ChargeObservation {
        row,
        billing_account: needed(&[C::BillingAccountId, C::BillingAccountName, C::SubscriptionId])?,
        sub_account: text(C::SubscriptionId),
        sub_account_name: text(C::SubscriptionName),
        billing_period_start,
        billing_period_end,
        charge_period_start: start,
        charge_period_end: start.plus(Micros::DAY),
        provider: "Microsoft".to_owned(),
        publisher: publisher(text(C::PublisherName), text(C::PublisherType)),
        service: first(&[C::MeterCategory, C::ConsumedService, C::ProductName]),
        service_category: text(C::ServiceFamily),
        region: text(C::ResourceLocation),
        zone: text(C::AvailabilityZone),
        category: category.to_owned(),
        class: None,
        frequency: text(C::Frequency).map(|frequency| frequency_of(&frequency)),
        description: text(C::ProductName),
        pricing_category: (category == "Usage")
            .then(|| pricing_category(text(C::PricingModel).as_deref(), is_committed))
            .flatten()
            .map(str::to_owned),
        commitment_status: match (category, is_unused, is_committed) {
            (_, true, _) => Some("Unused".to_owned()),
            ("Usage", false, true) => Some("Used".to_owned()),
            _ => None,
        },
        commitment_id,
        sku: text(C::MeterId),
        resource_type: text(C::ResourceId).as_deref().and_then(resource_type),
        resource: cells.cell(C::ResourceId as usize).map(bill::resource),
        resource_id: text(C::ResourceId),
        resource_name: text(C::ResourceName),
        currency: bill::currency(&needed(&[
            C::BillingCurrencyCode,
            C::BillingCurrency,
            C::Currency,
        ])?)
        .map_err(|reason| CellError::new(C::BillingCurrencyCode.name(), reason))?,
        billed: costs.billed,
        effective: costs.effective,
        list: costs.list,
        contracted: costs.contracted,
        quantity: amount(cells, C::Quantity, book)?,
        unit: text(C::UnitOfMeasure),
        operation: text(C::MeterName),
        tags: tags(row, cells, out),
    };
    bill::periods(&charge, [C::BillingPeriodEndDate.name(), C::Date.name()])?;
    Ok(charge)
}

/// Whether a commitment pays for it.
fn is_committed(pricing_model: Option<&str>, commitment: Option<&str>) -> bool {
    let model = pricing_model.map(bill::normalised);
    commitment.is_some() || matches!(model.as_deref(), Some("reservation" | "savingsplan"))
}

fn pricing_category(pricing_model: Option<&str>, is_committed: bool) -> Option<&'static str> {
    if is_committed {
        return Some("Committed");
    }
    match bill::normalised(pricing_model?).as_str() {
        "ondemand" => Some("Standard"),
        "spot" => Some("Dynamic"),
        _ => Some("Other"),
    }
}

fn frequency_of(frequency: &str) -> String {
    match bill::normalised(frequency).as_str() {
        "usagebased" => "Usage-Based".to_owned(),
        "onetime" => "One-Time".to_owned(),
        "recurring" => "Recurring".to_owned(),
        _ => frequency.to_owned(),
    }
}

/// What is sold on the marketplace says so.
fn publisher(name: Option<String>, kind: Option<String>) -> Option<String> {
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("marketplace") => {
            Some(name.map_or(kind, |name| format!("{name} (Marketplace)")))
        }
        kind => name.or(kind),
    }
}

/// The type in an ARM id: `microsoft.compute/virtualmachines`.
fn resource_type(id: &str) -> Option<String> {
    let lower = id.to_lowercase();
    let (_, rest) = lower.split_once("/providers/")?;
    let mut parts = rest.split('/');
    Some(format!("{}/{}", parts.next()?, parts.next()?))
}

/// The four bases of a row.
struct BasisCosts {
    billed: Option<Amount>,
    effective: Option<Amount>,
    list: Option<Amount>,
    contracted: Option<Amount>,
}

/// The export of actual cost lists commitments as purchases and what they pay for at 0; that of
/// amortized cost spreads them over what they pay for and lists the unused part. So a purchase of a
/// commitment is billed and has no effective cost of its own; what one pays for is effective cost where
/// it has a cost, else a billed 0; the unused part is effective cost; all else is both.
fn costs(
    cells: &dyn Cells,
    book: &mut Book,
    (category, is_unused, is_committed): (&str, bool, bool),
) -> Result<BasisCosts, CellError> {
    use Column as C;
    let mut cost = None;
    for column in [C::CostInBillingCurrency, C::Cost, C::PreTaxCost] {
        cost = cost.or(amount(cells, column, book)?);
    }
    let is_zero = cost.is_some_and(|cost| cost.0 == 0);
    let (billed, effective) = match (category, is_unused, is_committed) {
        (_, true, _) => (None, cost),
        ("Purchase", _, true) => (cost, Some(Amount::ZERO)),
        ("Usage", _, true) if is_zero => (cost, None),
        ("Usage", _, true) => (None, cost),
        _ => (cost, cost),
    };
    if category != "Usage" || is_unused {
        return Ok(BasisCosts { billed, effective, list: None, contracted: None });
    }
    let quantity = amount(cells, C::Quantity, book)?;
    // Prices are in the pricing currency; where that is another one, no product of them is in the bill's.
    let currency = |column: Column| cells.cell(column as usize).map(bill::normalised);
    let billing = [C::BillingCurrencyCode, C::BillingCurrency, C::Currency].map(currency);
    let is_same = currency(C::PricingCurrency)
        .is_none_or(|pricing| billing.into_iter().flatten().next() == Some(pricing));
    let mut priced = |column: Column| -> Result<Option<Amount>, CellError> {
        let price = amount(cells, column, book)?.filter(|_| is_same);
        Ok(price.zip(quantity).and_then(|(price, quantity)| product(price, quantity)))
    };
    let contracted = priced(C::UnitPrice)?;
    let retail = priced(C::PayGPrice)?;
    let stated = amount(cells, C::PaygCostInBillingCurrency, book)?;
    Ok(BasisCosts { billed, effective, list: stated.or(retail), contracted })
}

/// Price times quantity, cut at the 18th decimal; `None` outside the range of amounts.
fn product(price: Amount, quantity: Amount) -> Option<Amount> {
    let is_negative = (price.0 < 0) ^ (quantity.0 < 0);
    let one = Amount::ONE.unsigned_abs();
    let (price, quantity) = (price.0.unsigned_abs(), quantity.0.unsigned_abs());
    let (whole, part) = (price / one, price % one);
    let (other_whole, other_part) = (quantity / one, quantity % one);
    let sum = whole
        .checked_mul(other_whole)?
        .checked_mul(one)?
        .checked_add(whole.checked_mul(other_part)?)?
        .checked_add(part.checked_mul(other_whole)?)?
        .checked_add(part * other_part / one)?;
    let sum = i128::try_from(sum).ok().filter(|sum| *sum < Amount::LIMIT)?;
    Some(Amount(if is_negative { -sum } else { sum }))
}

/// A date: `9/2/2023` is month, day, year, as the export writes it; else ISO 8601.
fn day(cell: &str) -> Result<Micros, String> {
    let parts: Vec<&str> = cell.split(' ').next().unwrap_or(cell).split('/').collect();
    let [month, day, year] = parts[..] else {
        return bill::instant_of(cell).map(|at| at.floor_to(Micros::DAY));
    };
    let wrong = || format!("`{}` is no date such as 9/30/2023 or 2023-09-30", bill::shown(cell));
    let number = |text: &str| text.parse::<i16>().map_err(|_error| wrong());
    let narrow = |text: &str| text.parse::<i8>().map_err(|_error| wrong());
    let date = Date::new(number(year)?, narrow(month)?, narrow(day)?).map_err(|_error| wrong())?;
    bill::instant_of(&date.to_string())
}

/// The billing period; its last day is stated and belongs to it. Without one it is the calendar month.
fn billing_period(cells: &dyn Cells, at: Micros) -> Result<(Micros, Micros), CellError> {
    let stated = |column: Column| -> Result<Option<Micros>, CellError> {
        let cell = cells.cell(column as usize);
        cell.map(day).transpose().map_err(|reason| CellError::new(column.name(), reason))
    };
    let start = stated(Column::BillingPeriodStartDate)?;
    let end = stated(Column::BillingPeriodEndDate)?;
    if let Some((start, end)) = start.zip(end) {
        return Ok((start, end.plus(Micros::DAY)));
    }
    let date = at.timestamp().to_zoned(TimeZone::UTC).date().first_of_month();
    let instant = |date: Date| date.to_zoned(TimeZone::UTC).map(|at| Micros::of(at.timestamp()));
    let next = date.checked_add(jiff::Span::new().months(1));
    let out_of_range =
        |_error| CellError::new(Column::Date.name(), "the month is outside the calendar");
    let start = instant(date).map_err(out_of_range)?;
    let end = next.and_then(instant).map_err(out_of_range)?;
    Ok((start, end))
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

/// Tags are pairs of JSON, with or without the braces around them.
fn tags(row: u64, cells: &dyn Cells, out: &mut Out<'_>) -> Labels {
    let Some(cell) = cells.cell(Column::Tags as usize) else { return Labels::new() };
    let cell = cell.trim();
    let whole = match cell.starts_with('{') {
        true => cell.to_owned(),
        false => format!("{{{cell}}}"),
    };
    bill::tags(&whole).unwrap_or_else(|reason| {
        let place = format!("row {row}, column Tags");
        out.reject(place, format!("{reason}; the row went in without tags"));
        Labels::new()
    })
}
