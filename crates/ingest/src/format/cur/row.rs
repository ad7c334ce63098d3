//! One row of a Cost and Usage Report in FOCUS's terms.

use model::charge::ChargeObservation;
use model::entity::Labels;
use model::{Amount, Micros, Reference};

use crate::format::bill::{self, Book, CellError, Cells, RowResult};
use crate::input::Out;
use crate::key;

/// Declares the columns that are read, each by its name in the report.
macro_rules! columns {
    ($($column:ident = $name:literal),* $(,)?) => {
        /// A column that is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column { $(#[doc = $name] $column),* }

        /// Names, in the order of [`Column`].
        pub const NAMES: &[&str] = &[$($name),*];
    };
}

columns! {
    InvoicingEntity = "bill/InvoicingEntity",
    BillingEntity = "bill/BillingEntity",
    PayerAccountId = "bill/PayerAccountId",
    BillingPeriodStart = "bill/BillingPeriodStartDate",
    BillingPeriodEnd = "bill/BillingPeriodEndDate",
    UsageAccountId = "lineItem/UsageAccountId",
    UsageAccountName = "lineItem/UsageAccountName",
    LineItemType = "lineItem/LineItemType",
    UsageStartDate = "lineItem/UsageStartDate",
    UsageEndDate = "lineItem/UsageEndDate",
    ProductCode = "lineItem/ProductCode",
    UsageType = "lineItem/UsageType",
    Operation = "lineItem/Operation",
    AvailabilityZone = "lineItem/AvailabilityZone",
    ResourceId = "lineItem/ResourceId",
    UsageAmount = "lineItem/UsageAmount",
    CurrencyCode = "lineItem/CurrencyCode",
    UnblendedCost = "lineItem/UnblendedCost",
    Description = "lineItem/LineItemDescription",
    LegalEntity = "lineItem/LegalEntity",
    ProductName = "product/ProductName",
    ProductFamily = "product/productFamily",
    RegionCode = "product/regionCode",
    Region = "product/region",
    Sku = "product/sku",
    OnDemandCost = "pricing/publicOnDemandCost",
    Term = "pricing/term",
    Unit = "pricing/unit",
    ReservationArn = "reservation/ReservationARN",
    ReservationCost = "reservation/EffectiveCost",
    UnusedUpfront = "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    UnusedRecurring = "reservation/UnusedRecurringFee",
    PlanArn = "savingsPlan/SavingsPlanARN",
    PlanCost = "savingsPlan/SavingsPlanEffectiveCost",
    PlanTotal = "savingsPlan/TotalCommitmentToDate",
    PlanUsed = "savingsPlan/UsedCommitment",
    ResourceTags = "resource_tags",
}

impl Column {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// Columns that hold one tag each, with the tag's name.
#[derive(Debug, Clone, Default)]
pub struct Tags(Vec<(usize, String)>);

impl Tags {
    /// `resourceTags/user:team` and `resource_tags_user_team` are the tag `team`; one that AWS sets
    /// itself keeps its `aws:`.
    pub fn of(names: &[String]) -> Self {
        let tag = |name: &String| {
            let name = ["resourceTags/", "resource_tags_"]
                .iter()
                .find_map(|prefix| name.strip_prefix(prefix))?;
            let own = name.strip_prefix("user:").or_else(|| name.strip_prefix("user_"));
            Some(own.unwrap_or(name).to_owned())
        };
        Self(
            names
                .iter()
                .enumerate()
                .filter_map(|(position, name)| tag(name).map(|tag| (position, tag)))
                .collect(),
        )
    }

    /// Their positions in the table.
    pub fn positions(&self) -> impl Iterator<Item = Option<usize>> {
        self.0.iter().map(|(position, _)| Some(*position))
    }
}

/// What a line item is, in FOCUS's terms: category, frequency, status of its commitment.
struct Nature {
    category: &'static str,
    frequency: &'static str,
    commitment_status: Option<&'static str>,
}

fn nature(line_item_type: &str) -> Option<Nature> {
    let of = |category, frequency, commitment_status| {
        Some(Nature { category, frequency, commitment_status })
    };
    match line_item_type {
        "Usage" => of("Usage", "Usage-Based", None),
        "DiscountedUsage" | "SavingsPlanCoveredUsage" => of("Usage", "Usage-Based", Some("Used")),
        "RIFee" | "SavingsPlanRecurringFee" => of("Purchase", "Recurring", Some("Unused")),
        "SavingsPlanUpfrontFee" => of("Purchase", "One-Time", None),
        "Fee" => of("Purchase", "One-Time", None),
        "Tax" => of("Tax", "Recurring", None),
        "Credit" | "EdpDiscount" | "PrivateRateDiscount" | "BundledDiscount" | "Discount" => {
            of("Credit", "One-Time", None)
        }
        "SavingsPlanNegation" => of("Adjustment", "Usage-Based", None),
        "Refund" => of("Adjustment", "One-Time", None),
        _ => None,
    }
}

/// What a row says.
pub fn charge(
    row: u64,
    cells: &dyn Cells,
    tags: &Tags,
    book: &mut Book,
    out: &mut Out<'_>,
) -> RowResult {
    use Column as C;
    let text = |column: Column| cells.cell(column as usize).map(str::to_owned);
    let needed = |column: Column| {
        text(column).ok_or_else(|| CellError::new(column.name(), "is empty, but needed"))
    };
    let instant = |column: Column| -> Result<Micros, CellError> {
        bill::instant_of(&needed(column)?).map_err(|reason| CellError::new(column.name(), reason))
    };
    let line_item_type = needed(C::LineItemType)?;
    let nature = nature(&line_item_type).ok_or_else(|| {
        let reason =
            format!("`{}` is no type of line item that is known", bill::shown(&line_item_type));
        CellError::new(C::LineItemType.name(), reason)
    })?;
    let commitment_id = text(C::PlanArn).or_else(|| text(C::ReservationArn));
    let mut amount = |column: Column| amount(cells, column, book);
    let billed = amount(C::UnblendedCost)?;
    let charge = ChargeObservation {
        row,
        billing_account: needed(C::PayerAccountId)?,
        sub_account: text(C::UsageAccountId),
        sub_account_name: text(C::UsageAccountName),
        billing_period_start: instant(C::BillingPeriodStart)?,
        billing_period_end: instant(C::BillingPeriodEnd)?,
        charge_period_start: instant(C::UsageStartDate)?,
        charge_period_end: instant(C::UsageEndDate)?,
        provider: text(C::BillingEntity).unwrap_or_else(|| "AWS".to_owned()),
        publisher: text(C::LegalEntity).or_else(|| text(C::InvoicingEntity)),
        service: match text(C::ProductName) {
            Some(name) => Some(name),
            None => Some(needed(C::ProductCode)?),
        },
        service_category: None,
        region: text(C::RegionCode).or_else(|| text(C::Region)),
        zone: text(C::AvailabilityZone),
        category: nature.category.to_owned(),
        class: None,
        frequency: Some(nature.frequency.to_owned()),
        description: text(C::Description),
        pricing_category: pricing_category(cells, &line_item_type).map(str::to_owned),
        commitment_status: nature
            .commitment_status
            .filter(|_| commitment_id.is_some() || line_item_type != "Usage")
            .map(str::to_owned),
        commitment_id,
        sku: text(C::Sku),
        resource_id: text(C::ResourceId),
        resource_name: None,
        resource_type: text(C::ProductFamily),
        resource: resource(cells),
        currency: bill::currency(&needed(C::CurrencyCode)?)
            .map_err(|reason| CellError::new(C::CurrencyCode.name(), reason))?,
        billed,
        effective: effective(&line_item_type, billed, &mut amount)?,
        list: amount(C::OnDemandCost)?,
        contracted: None,
        quantity: amount(C::UsageAmount)?,
        unit: text(C::Unit),
        operation: text(C::Operation),
        tags: labels(row, cells, tags, out),
    };
    bill::periods(&charge, [C::BillingPeriodEnd.name(), C::UsageEndDate.name()])?;
    Ok(charge)
}

/// Effective cost: the unblended cost, but where a commitment paid. Upfront fees and negations are
/// spread over, or already in, the usage they cover. Columns of `splitLineItem` are never added.
fn effective(
    line_item_type: &str,
    unblended: Option<Amount>,
    amount: &mut dyn FnMut(Column) -> Result<Option<Amount>, CellError>,
) -> Result<Option<Amount>, CellError> {
    let out_of_range = |column: Column| CellError::new(column.name(), "the sum is out of range");
    match line_item_type {
        "DiscountedUsage" => amount(Column::ReservationCost),
        "SavingsPlanCoveredUsage" => amount(Column::PlanCost),
        "RIFee" => match (amount(Column::UnusedUpfront)?, amount(Column::UnusedRecurring)?) {
            (Some(upfront), Some(recurring)) => upfront
                .checked_add(recurring)
                .map(Some)
                .ok_or_else(|| out_of_range(Column::UnusedRecurring)),
            // A reservation without upfront (or without recurring) fee leaves that cell empty.
            (one, other) => Ok(one.or(other)),
        },
        "SavingsPlanRecurringFee" => {
            match (amount(Column::PlanTotal)?, amount(Column::PlanUsed)?) {
                (Some(total), Some(used)) => {
                    total.checked_sub(used).map(Some).ok_or_else(|| out_of_range(Column::PlanUsed))
                }
                _ => Ok(None),
            }
        }
        "SavingsPlanNegation" | "SavingsPlanUpfrontFee" => Ok(Some(Amount::ZERO)),
        // The fee for a reservation's upfront part carries its ARN; other fees are what they are.
        _ => Ok(unblended),
    }
}

fn pricing_category(cells: &dyn Cells, line_item_type: &str) -> Option<&'static str> {
    let cell = |column: Column| cells.cell(column as usize);
    if matches!(line_item_type, "DiscountedUsage" | "SavingsPlanCoveredUsage") {
        return Some("Committed");
    }
    if line_item_type != "Usage" {
        return None;
    }
    if cell(Column::UsageType).is_some_and(|usage| usage.contains("SpotUsage")) {
        return Some("Dynamic");
    }
    match cell(Column::Term)? {
        "OnDemand" => Some("Standard"),
        "Reserved" => Some("Committed"),
        "Spot" => Some("Dynamic"),
        _ => Some("Other"),
    }
}

/// The report names a bucket by its bare name.
fn resource(cells: &dyn Cells) -> Option<Reference> {
    let id = cells.cell(Column::ResourceId as usize)?;
    let is_bucket = cells.cell(Column::ProductCode as usize) == Some("AmazonS3");
    if is_bucket && !id.starts_with("arn:") {
        return Some(Reference::key("billed bucket", key::arn(&format!("arn:aws:s3:::{id}"))));
    }
    Some(bill::resource(id))
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

fn labels(row: u64, cells: &dyn Cells, tags: &Tags, out: &mut Out<'_>) -> Labels {
    let mut labels = Labels::new();
    if let Some(cell) = cells.cell(Column::ResourceTags as usize) {
        match bill::tags(cell) {
            Ok(tags) => labels.extend(
                tags.into_iter()
                    .map(|(name, value)| (name.trim_start_matches("user_").to_owned(), value)),
            ),
            Err(reason) => out.reject(
                format!("row {row}, column resource_tags"),
                format!("{reason}; the row went in without tags"),
            ),
        }
    }
    for (index, (_, name)) in tags.0.iter().enumerate() {
        if let Some(value) = cells.cell(NAMES.len() + index) {
            labels.insert(name.clone(), value.to_owned());
        }
    }
    labels
}
