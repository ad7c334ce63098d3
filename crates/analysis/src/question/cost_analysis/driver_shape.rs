//! What the views of drivers and budgets say of a difference.

use model::fact::{CostDimension, CostItemRow};
use model::money::{Amount, Basis};
use model::table::{Cell, Table};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::sum::place;
use crate::spend::driver::{Difference, DriverItem, SkuDriver, SkuKey};

/// One driver of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostDriver {
    /// `price`, `quantity`, `new_resources`, `ended_resources`, `commitments`, `credits`, `tax`,
    /// `currency` or `unexplained`; of a budget also `reference_against_budget`.
    pub driver: String,
    /// What it adds to the difference.
    pub amount: Amount,
}

/// What one SKU adds to a difference.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostSkuDriver {
    /// SKU; empty where charges name none, and for the rest.
    pub sku: String,
    /// Service.
    pub service: String,
    /// Unit of use.
    pub unit: String,
    /// For the rest: how many SKUs it sums; 0 for a single one.
    pub others: u64,
    /// Charged in the reference period.
    pub before: Amount,
    /// Charged in the period.
    pub after: Amount,
    /// The difference.
    pub change: Amount,
    /// Quantity in the reference period of resources charged in both; null where rows do not tell it.
    pub quantity_before: Option<Amount>,
    /// Quantity in the period of resources charged in both.
    pub quantity_after: Option<Amount>,
    /// What makes up the difference, only what is not 0; adds up exactly.
    pub drivers: Vec<CostDriver>,
}

/// Dimensions of items that drivers are worked out from.
pub(super) fn driver_dimensions() -> Vec<CostDimension> {
    vec![
        CostDimension::Sku,
        CostDimension::Service,
        CostDimension::Unit,
        CostDimension::Resource,
        CostDimension::Category,
        CostDimension::PricingCategory,
        CostDimension::CommitmentStatus,
        CostDimension::Class,
    ]
}

/// An item of a row by the dimensions above.
pub(super) fn driver_item(row: &CostItemRow, basis: Basis) -> DriverItem {
    let value = |at: usize| row.cost.values.get(at).cloned().flatten().unwrap_or_default();
    let whole = |(amount, rows): (Amount, u64)| (rows == row.cost.rows).then_some(amount);
    // A commitment lowers the effective cost and, where it was paid upfront, the billed one.
    let is_lowered = matches!(basis, Basis::Effective | Basis::Billed);
    DriverItem {
        sku: SkuKey { sku: value(0), service: value(1), unit: value(2) },
        resource: value(3),
        category: value(4),
        is_committed: is_lowered && (value(5) == "Committed" || value(6) == "Used"),
        is_unused: value(6) == "Unused",
        is_correction: value(7) == "Correction",
        cost: row.cost.sums[place(basis)].0,
        before_commitment: whole(row.before_commitment),
        quantity: whole(row.quantity),
    }
}

/// Every driver, also those of 0, in a fixed order.
pub(super) fn drivers_of(found: &Difference) -> Vec<CostDriver> {
    let driver = |(name, amount): (&str, Amount)| CostDriver { driver: name.to_owned(), amount };
    found.drivers.named().map(driver).to_vec()
}

/// The SKUs with the largest differences.
pub(super) fn skus_of(found: &Difference, limit: usize) -> Vec<CostSkuDriver> {
    let mut skus: Vec<CostSkuDriver> = found.skus.iter().take(limit).map(sku_of).collect();
    let rest = found.skus.get(limit..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = |of: fn(&SkuDriver) -> Amount| Amount(rest.iter().map(|one| of(one).0).sum());
        let mut drivers: Vec<CostDriver> = Vec::new();
        for (at, (name, _)) in found.drivers.named().into_iter().enumerate() {
            let amount = Amount(rest.iter().map(|one| one.drivers.named()[at].1.0).sum());
            drivers.push(CostDriver { driver: name.to_owned(), amount });
        }
        drivers.retain(|one| one.amount.0 != 0);
        let (before, after) = (sum(|one| one.before), sum(|one| one.after));
        skus.push(CostSkuDriver {
            sku: String::new(),
            service: String::new(),
            unit: String::new(),
            others: rest.len() as u64,
            before,
            after,
            change: Amount(after.0 - before.0),
            quantity_before: None,
            quantity_after: None,
            drivers,
        });
    }
    skus
}

fn sku_of(one: &SkuDriver) -> CostSkuDriver {
    let driver = |(name, amount): (&str, Amount)| CostDriver { driver: name.to_owned(), amount };
    CostSkuDriver {
        sku: one.sku.sku.clone(),
        service: one.sku.service.clone(),
        unit: one.sku.unit.clone(),
        others: 0,
        before: one.before,
        after: one.after,
        change: Amount(one.after.0 - one.before.0),
        quantity_before: one.quantities.map(|two| two.0),
        quantity_after: one.quantities.map(|two| two.1),
        drivers: one.drivers.named().into_iter().filter(|one| one.1.0 != 0).map(driver).collect(),
    }
}

/// A table of drivers.
pub(super) fn drivers_table<'a>(
    lists: impl Iterator<Item = (Vec<Value>, &'a [CostDriver])>,
    first: &[(&str, &str, Cell, &str)],
) -> Table {
    let mut columns = first.to_vec();
    columns
        .extend([("driver", "Driver", Cell::Text, ""), ("amount", "Difference", Cell::Amount, "")]);
    let mut table = Table::new("drivers", &columns);
    for (head, drivers) in lists {
        for one in drivers {
            let mut row = head.clone();
            row.extend([json!(one.driver), json!(one.amount)]);
            table.rows.push(row);
        }
    }
    table
}

/// A table of SKUs, one row a driver.
pub(super) fn skus_table<'a>(
    lists: impl Iterator<Item = (Vec<Value>, &'a [CostSkuDriver])>,
    first: &[(&str, &str, Cell, &str)],
) -> Table {
    let mut columns = first.to_vec();
    columns.extend([
        ("sku", "SKU", Cell::Text, ""),
        ("service", "Service", Cell::Text, ""),
        ("unit", "Unit of use", Cell::Text, ""),
        ("before", "Before", Cell::Amount, ""),
        ("after", "After", Cell::Amount, ""),
        ("change", "Change", Cell::Amount, ""),
        ("quantity_before", "Quantity before", Cell::Amount, ""),
        ("quantity_after", "Quantity after", Cell::Amount, ""),
        ("driver", "Driver", Cell::Text, ""),
        ("amount", "Difference", Cell::Amount, ""),
    ]);
    let mut table = Table::new("skus", &columns);
    for (head, skus) in lists {
        for sku in skus {
            let name = match sku.others {
                0 => sku.sku.clone(),
                others => format!("{others} others"),
            };
            for one in &sku.drivers {
                let mut row = head.clone();
                row.extend([
                    json!(name),
                    json!(sku.service),
                    json!(sku.unit),
                    json!(sku.before),
                    json!(sku.after),
                    json!(sku.change),
                    json!(sku.quantity_before),
                    json!(sku.quantity_after),
                    json!(one.driver),
                    json!(one.amount),
                ]);
                table.rows.push(row);
            }
        }
    }
    table
}
