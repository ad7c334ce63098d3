//! Sums by team, business unit and product: the store sums by owner and application, and the trees of
//! units say whose these are. What an application serves several products with is split exactly.

use model::fact::{CostDimension, CostRow};
use model::kind::EntityKind;
use model::money::Amount;

use super::fetch::CostFacts;
use super::params::CostAnalysisParams;
use crate::ask::AskError;
use crate::exact::split;
use crate::unit_tree::UnitTree;

/// Whether a dimension is worked out from the trees of units.
pub(super) fn is_of_units(dimension: &CostDimension) -> bool {
    matches!(dimension, CostDimension::Team | CostDimension::BusinessUnit | CostDimension::Product)
}

/// Puts the units in the place of the owners and applications that lead to them.
pub(super) fn roll_up(
    facts: &mut CostFacts,
    params: &CostAnalysisParams,
    tree: &UnitTree,
) -> Result<(), AskError> {
    for (place, dimension) in params.by.iter().enumerate() {
        let kind = match dimension.0.0 {
            CostDimension::Team => EntityKind::Team,
            CostDimension::BusinessUnit => EntityKind::BusinessUnit,
            CostDimension::Product => EntityKind::Product,
            _ => continue,
        };
        facts.groups = rolled(std::mem::take(&mut facts.groups), place, kind, tree);
        if facts.is_split {
            facts.over_time = rolled(std::mem::take(&mut facts.over_time), place, kind, tree);
        }
        let Some(daily) = facts.daily.as_mut().filter(|_| facts.is_daily_split) else { continue };
        let mut all = Vec::with_capacity(daily.len());
        for row in daily.drain(..) {
            for cost in rolled_row(row.cost.clone(), place, kind, tree) {
                all.push(model::fact::CostItemRow { cost, ..row.clone() });
            }
        }
        *daily = all;
    }
    Ok(())
}

fn rolled(rows: Vec<CostRow>, place: usize, kind: EntityKind, tree: &UnitTree) -> Vec<CostRow> {
    rows.into_iter().flat_map(|row| rolled_row(row, place, kind, tree)).collect()
}

/// The row under its unit; of an application with several products one row each.
fn rolled_row(mut row: CostRow, place: usize, kind: EntityKind, tree: &UnitTree) -> Vec<CostRow> {
    let Some(value) = row.values.get_mut(place) else { return vec![row] };
    let Some(id) = value.take() else { return vec![row] };
    if kind != EntityKind::Product {
        let above = tree.up(&id).into_iter().filter_map(|one| tree.unit(one));
        *value = above.into_iter().find(|unit| unit.kind == kind).map(|unit| unit.id.clone());
        return vec![row];
    }
    let products = tree.products(&id);
    let weights: Vec<Amount> = products.iter().map(|(_, weight)| *weight).collect();
    let parts = row.sums.map(|(amount, _)| split(amount, &weights));
    let [Some(billed), Some(effective), Some(list), Some(contracted)] = parts else {
        return vec![row];
    };
    let made = |(number, (product, _)): (usize, &(&str, Amount))| {
        let mut part = row.clone();
        part.values[place] = Some((*product).to_owned());
        for (sum, amounts) in part.sums.iter_mut().zip([&billed, &effective, &list, &contracted]) {
            sum.0 = amounts.get(number).copied().unwrap_or_default();
        }
        part
    };
    products.iter().enumerate().map(made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit_tree::tests::shop;
    use model::time::Micros;

    #[test]
    fn an_application_is_split_among_its_products_and_a_team_takes_what_it_owns() {
        let row = |value: &str| CostRow {
            at: None,
            values: vec![Some(value.to_owned())],
            currency: "USD".into(),
            rows: 1,
            sums: [(Amount(11), 1); 4],
            first: Micros(0),
            last: Micros(1),
        };
        let tree = shop();
        let parts = rolled_row(row("application://cart"), 0, EntityKind::Product, &tree);
        let found: Vec<(Option<String>, i128)> =
            parts.into_iter().map(|part| (part.values[0].clone(), part.sums[0].0.0)).collect();
        let named = |name: &str, units| (Some(name.to_owned()), units);
        assert_eq!(found, [named("product://market", 2), named("product://shop", 9)]);
        let team = rolled_row(row("application://cart"), 0, EntityKind::Team, &tree);
        assert_eq!(team[0].values[0].as_deref(), Some("org://team/cart"));
        let none = rolled_row(row("elsewhere"), 0, EntityKind::Team, &tree);
        assert_eq!(none[0].values[0], None);
    }
}
