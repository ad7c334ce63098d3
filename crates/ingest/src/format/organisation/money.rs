//! Rows of the budget, value metric and assumption tables.

use model::money::{Amount, Basis};
use model::stated::{StatedKind, StatedObservation};
use model::value::{ASSUMPTIONS, BudgetObservation, StatedAssumption, ValueObservation};
use model::{Micros, Reference};

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

/// Columns that say of what a row is.
const OF: [&str; 4] = ["product", "application", "entry", "unit"];

/// What a row is of: the one column that is filled, and its cell.
fn of(row: &Row) -> Result<(&'static str, &str), RowError> {
    let mut given = OF.iter().filter_map(|column| Some((*column, row.cell(column)?)));
    let found = given.next().ok_or_else(|| {
        RowError::new("product", "none of product, application, entry and unit is given")
    })?;
    match given.next() {
        None => Ok(found),
        Some((other, _)) => {
            let reason = format!("{} is given too; exactly one is allowed", found.0);
            Err(RowError::new(other, reason))
        }
    }
}

fn reference(column: &str, name: &str) -> Reference {
    match column {
        "product" | "application" => Reference::id(key::unit(column, name)),
        "entry" => super::super::objective::service(name),
        _ => unit(name),
    }
}

/// One value, or its parts when several share it.
pub fn values(row: &Row) -> Result<Vec<ValueObservation>, RowError> {
    let (column, cell) = of(row)?;
    let (from, to) = row.period()?;
    let value = amount(row, "value")?;
    let whole = |name: &str, share: Option<Amount>| -> Result<ValueObservation, RowError> {
        Ok(ValueObservation {
            metric: row.required("metric")?.to_owned(),
            of: reference(column, name),
            from,
            to,
            value,
            share,
            currency: row.currency()?,
            unit: row.cell("value_unit").map(str::to_owned),
            stated_source: row.cell("source").map(str::to_owned),
        })
    };
    match split(column, cell)? {
        None => Ok(vec![whole(cell, None)?]),
        Some(parts) => parts
            .into_iter()
            .map(|(name, share)| {
                if !is_exact(value, share) {
                    let reason = format!("`{value}` times {share} has more than 18 decimals");
                    return Err(RowError::new(column, reason));
                }
                whole(name, Some(share))
            })
            .collect(),
    }
}

/// `shop=0.7;market=0.3`: who shares a value and how, each once, together 1. Several names without shares
/// say nothing of who gets what and are refused.
fn split<'a>(
    column: &'static str,
    cell: &'a str,
) -> Result<Option<Vec<(&'a str, Amount)>>, RowError> {
    if !cell.contains([';', '=']) {
        return Ok(None);
    }
    let wrong = |reason: String| RowError::new(column, reason);
    let mut parts: Vec<(&str, Amount)> = Vec::new();
    let mut sum = Amount::ZERO;
    for part in cell.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, share) = part.rsplit_once('=').ok_or_else(|| {
            wrong(format!("`{part}` states no share, such as shop=0.7;market=0.3"))
        })?;
        let share: Amount = share
            .parse()
            .ok()
            .filter(|share: &Amount| share.0 > 0)
            .ok_or_else(|| wrong(format!("the share of `{name}` is no number above 0")))?;
        let name = name.trim();
        if name.is_empty() || parts.iter().any(|one| one.0 == name) {
            return Err(wrong(format!("`{name}` stands there twice, or is empty")));
        }
        sum = sum.checked_add(share).ok_or_else(|| wrong("the shares are too large".to_owned()))?;
        parts.push((name, share));
    }
    if sum.0 != Amount::ONE {
        return Err(wrong(format!("the shares add up to {sum}, not to 1")));
    }
    Ok(Some(parts))
}

/// Whether the product has at most 18 decimals.
fn is_exact(value: Amount, share: Amount) -> bool {
    // A share is at most 1, so that the product of the fractions fits.
    (value.0 % Amount::ONE * share.0) % Amount::ONE == 0
}

/// One assumption about value.
pub fn assumption(row: &Row) -> Result<StatedObservation, RowError> {
    let (column, cell) = of(row)?;
    let name = row.required("assumption")?;
    if !ASSUMPTIONS.contains(&name) {
        let reason = format!("`{name}` is none of {}", ASSUMPTIONS.join(", "));
        return Err(RowError::new("assumption", reason));
    }
    let currency = row.currency()?.ok_or_else(|| {
        RowError::new("currency", "the cell is empty; a value of a minute is money")
    })?;
    let share = row.share("share")?;
    let set_at = row.cell("set_at").map(model::time::instant).transpose();
    let set_at = set_at.map_err(|reason| RowError::new("set_at", reason))?.map(Micros::of);
    let stated = StatedAssumption {
        name: name.to_owned(),
        value: amount(row, "value")?,
        currency: Some(currency),
        share,
        set_by: row.required("set_by")?.to_owned(),
        set_at,
        note: row.cell("note").map(str::to_owned),
    };
    let key = format!("{name}/{column}/{cell}");
    let mut observation = StatedObservation::new(StatedKind::Assumption, key, &stated)
        .map_err(|error| RowError::new("assumption", error.to_string()))?;
    observation.from = set_at;
    observation.subjects = vec![reference(column, cell)];
    Ok(observation)
}
