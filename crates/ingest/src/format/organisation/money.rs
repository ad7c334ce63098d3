//! Rows of the budget and value metric tables.

use model::Reference;
use model::kind::{Confidence, EntityKind};
use model::money::{Amount, Basis};
use model::value::{BudgetObservation, ValueObservation};

use super::row::{Row, RowError};
use crate::key;

fn amount(row: &Row, column: &'static str) -> Result<Amount, RowError> {
    row.required(column)?.parse().map_err(|reason: String| RowError::new(column, reason))
}

/// One budget.
pub fn budget(row: &Row) -> Result<BudgetObservation, RowError> {
    let (from, to) = row.period()?;
    let basis = match row.cell("basis") {
        Some(text) => text.parse().map_err(|reason: String| RowError::new("basis", reason))?,
        None => Basis::Effective,
    };
    let currency = row.currency()?;
    let phasing = row.cell("phasing").unwrap_or("even");
    check_phasing(phasing)?;
    Ok(BudgetObservation {
        unit: unit(row.required("unit")?),
        from,
        to,
        currency: currency
            .ok_or_else(|| RowError::new("currency", "the cell is empty; a value is required"))?,
        basis,
        amount: amount(row, "amount")?,
        has_tax: row.flag("include_tax", false)?,
        has_credits: row.flag("include_credits", true)?,
        phasing: phasing.to_owned(),
    })
}

fn check_phasing(text: &str) -> Result<(), RowError> {
    if matches!(text, "even" | "weekdays") {
        return Ok(());
    }
    let wrong = |reason: &str| RowError::new("phasing", format!("`{text}` {reason}"));
    let mut sum = Amount::ZERO;
    for share in text.split(';') {
        let share: Amount = share
            .parse()
            .ok()
            .filter(|share: &Amount| share.0 >= 0)
            .ok_or_else(|| wrong("is none of even, weekdays, or shares such as 0.3;0.3;0.4"))?;
        sum = sum.checked_add(share).ok_or_else(|| wrong("adds up to too much"))?;
    }
    if sum.0 == Amount::ONE { Ok(()) } else { Err(wrong("does not add up to 1")) }
}

/// A unit of any kind, by its short id.
fn unit(name: &str) -> Reference {
    Reference::key("unit", key::unit_name(name))
}

/// One value.
pub fn value(row: &Row) -> Result<ValueObservation, RowError> {
    let columns = ["product", "application", "entry", "unit"];
    let mut given = columns.iter().filter_map(|column| Some((*column, row.cell(column)?)));
    let (column, name) = given.next().ok_or_else(|| {
        RowError::new("product", "none of product, application, entry and unit is given")
    })?;
    if let Some((other, _)) = given.next() {
        return Err(RowError::new(other, format!("{column} is given too; exactly one is allowed")));
    }
    let of = match column {
        "product" | "application" => Reference::id(key::unit(column, name)),
        "entry" => Reference::key("canonical id", name)
            .or("service name", key::service_name(name), Confidence::High)
            .of_kinds(&[EntityKind::Service]),
        _ => unit(name),
    };
    let (from, to) = row.period()?;
    Ok(ValueObservation {
        metric: row.required("metric")?.to_owned(),
        of,
        from,
        to,
        value: amount(row, "value")?,
        currency: row.currency()?,
        unit: row.cell("value_unit").map(str::to_owned),
        stated_source: row.cell("source").map(str::to_owned),
    })
}
