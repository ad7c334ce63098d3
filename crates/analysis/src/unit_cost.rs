//! What each unit costs over a window: what is charged to it and to everything below it, and what
//! allocation rules give it. A product gets the stated shares of the applications it is made of.

use std::collections::{BTreeMap, BTreeSet};

use model::allocation::{AllocationList, AllocationRule, AllocationSplit};
use model::error::StoreError;
use model::fact::{CostDimension, CostQuery, CostRow, RecordFact};
use model::kind::EntityKind;
use model::money::{Amount, Basis};
use model::seam::{DataKind, ReadContext, Version};
use model::stated::{StatedKind, StatedObservation};
use model::time::{Micros, Window};

use crate::allocation::{Allocation, Drivers, SharedRow, allocated, dimensions_of};
use crate::ask::{AskContext, AskError};
use crate::exact::plus;
use crate::question::cost_analysis::DimensionParam;
use crate::unit::telemetry_read;
use crate::unit_tree::{UnitTree, unit_tree};
use crate::value::ValueSeries;

/// What one unit costs in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCost {
    /// Canonical id.
    pub unit: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Currency.
    pub currency: String,
    /// Charged to it and to everything below it; of a product, its shares of its applications.
    pub charged: Amount,
    /// Given to it and to everything below it by allocation rules.
    pub allocated: Amount,
    /// Rows in the sum.
    pub rows: u64,
    /// Rows that lack the basis and are not in the sum.
    pub rows_without: u64,
    /// Whether some of it is a stated share of an application's cost.
    pub is_shared: bool,
}

impl UnitCost {
    /// What is charged and allocated together: the fully loaded cost.
    ///
    /// # Errors
    /// When it leaves the range of amounts.
    pub fn loaded(&self) -> Result<Amount, AskError> {
        plus(self.charged, self.allocated)
    }
}

/// What the units cost, and what no unit does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnitCosts {
    /// Version of the charges.
    pub version: Version,
    /// One row a unit and currency that something is charged or allocated to, in order of currency,
    /// kind and id.
    pub units: Vec<UnitCost>,
    /// By currency, in its order: what is charged in all, and what of it is direct, allocated and not.
    pub allocations: BTreeMap<String, Allocation>,
    /// The trees that the sums were made by.
    pub tree: UnitTree,
}

impl UnitCosts {
    /// What one unit costs, by currency.
    pub fn of(&self, unit: &str) -> impl Iterator<Item = &UnitCost> {
        self.units.iter().filter(move |one| one.unit == unit)
    }
}

/// What every unit costs over a window, fully loaded: charges whose period starts in it, by the owners
/// and applications of what was charged, and shared charges by the rules in force at its end.
///
/// # Errors
/// When a store gives no facts, or a sum leaves the range of amounts.
pub async fn cost_of_units(
    ctx: &AskContext,
    read: &ReadContext,
    window: Option<Window>,
    basis: Basis,
) -> Result<UnitCosts, AskError> {
    let read = telemetry_read(ctx.topology.as_ref(), read.clone()).await?;
    let tree = unit_tree(ctx.topology.as_ref(), &read).await?;
    let end = window.map_or(Micros(i64::MAX), |window| window.micros().1);
    let list = rules_in_force(ctx, &read, end).await?.unwrap_or_default();
    let drivers = drivers_of(ctx, &read, window, &list).await?;
    let version = ctx.telemetry.version(DataKind::Charges).await?;
    let dimensions = query_dimensions(&list)?;
    let query = CostQuery { window, dimensions: dimensions.clone(), ..CostQuery::default() };
    let rows = ctx.telemetry.cost(&read, query).await?;
    let names: Vec<String> =
        dimensions.into_iter().map(|one| DimensionParam(one).to_string()).collect();
    let mut costs = judged(&rows, &names, basis, &list, &drivers, tree)?;
    costs.version = version;
    Ok(costs)
}

/// The allocation rules that hold at an instant: of all lists that hold then the one that holds since
/// last, ties by what was observed last, then by key.
///
/// # Errors
/// When the store gives no facts, or a list cannot be read.
pub async fn rules_in_force(
    ctx: &AskContext,
    read: &ReadContext,
    at: Micros,
) -> Result<Option<AllocationList>, AskError> {
    let mut stated = ctx.telemetry.stated(read, StatedKind::AllocationRule).await?;
    stated.retain(|one| {
        one.body.from.is_none_or(|from| from < at) && one.body.to.is_none_or(|to| to >= at)
    });
    let since =
        |one: &RecordFact<StatedObservation>| (one.body.from, one.observed_at, one.key.clone());
    let Some(newest) = stated.into_iter().max_by_key(since) else { return Ok(None) };
    newest.body.says().map(Some).map_err(|error| {
        AskError::Store(StoreError::Internal {
            operation: format!("read the allocation rules `{}`", newest.key),
            reason: error.to_string(),
        })
    })
}

/// Sums of the value metrics that rules split by, of values whose period lies in the window.
async fn drivers_of(
    ctx: &AskContext,
    read: &ReadContext,
    window: Option<Window>,
    list: &AllocationList,
) -> Result<Drivers, AskError> {
    let metrics = driver_metrics(list);
    let (Some(window), false) = (window, metrics.is_empty()) else {
        return Ok(Drivers::default());
    };
    let series = ValueSeries::of_rows(&ctx.telemetry.values(read, window).await?);
    drivers_of_series(&series, &metrics, window.micros())
}

/// The value metrics that rules split by.
pub(crate) fn driver_metrics(list: &AllocationList) -> BTreeSet<String> {
    let metric = |rule: &AllocationRule| match &rule.split {
        AllocationSplit::Value(metric) => Some(metric.clone()),
        _ => None,
    };
    list.rules.iter().filter_map(metric).collect()
}

/// Sums of these metrics, of values whose period lies in the range.
///
/// # Errors
/// When a sum leaves the range of amounts.
pub(crate) fn drivers_of_series(
    series: &[ValueSeries],
    metrics: &BTreeSet<String>,
    (from, to): (Micros, Micros),
) -> Result<Drivers, AskError> {
    let mut drivers = Drivers::default();
    for one in series.iter().filter(|one| metrics.contains(&one.metric)) {
        for point in one.points.iter().filter(|point| from <= point.from && point.to <= to) {
            let of = drivers.values.entry(one.metric.clone()).or_default();
            let sum = of.entry(one.of.clone()).or_default();
            *sum = plus(*sum, point.value)?;
        }
    }
    Ok(drivers)
}

/// Owner and application first, then what the rules ask about.
pub(crate) fn query_dimensions(list: &AllocationList) -> Result<Vec<CostDimension>, AskError> {
    let mut dimensions = vec![CostDimension::Owner, CostDimension::Application];
    for name in dimensions_of(list) {
        let DimensionParam(dimension) = name.parse().map_err(|reason: String| {
            AskError::Store(StoreError::Internal {
                operation: "read the allocation rules in force".to_owned(),
                reason,
            })
        })?;
        if !dimensions.contains(&dimension) {
            dimensions.push(dimension);
        }
    }
    Ok(dimensions)
}

/// Sums by unit. `names` are the dimensions of the rows, owner and application first.
pub(crate) fn judged(
    rows: &[CostRow],
    names: &[String],
    basis: Basis,
    list: &AllocationList,
    drivers: &Drivers,
    tree: UnitTree,
) -> Result<UnitCosts, AskError> {
    let place = Basis::ALL.iter().position(|one| *one == basis).unwrap_or_default();
    let shared: Vec<SharedRow> = rows.iter().map(|row| shared(row, names, place)).collect();
    let allocations = allocated(&shared, list, &tree, drivers)?;
    let mut all = Sums::new();
    // What a rule splits is not charged to its owner any more.
    let direct = rows.iter().zip(&allocations.is_split).filter(|(_, is_split)| !**is_split);
    add_direct(&mut all, direct.map(|(row, _)| row), place, &tree)?;
    for (currency, allocation) in &allocations.currencies {
        for ((_, unit), amount) in &allocation.lines {
            for above in tree.up(unit) {
                let of = all.entry((currency.clone(), above.to_owned())).or_default();
                of.1 = plus(of.1, *amount)?;
            }
            for (product, part) in tree.by_product(unit, *amount) {
                let of = all.entry((currency.clone(), product.to_owned())).or_default();
                of.1 = plus(of.1, part)?;
            }
        }
    }
    let units = units_of(all, &tree);
    Ok(UnitCosts { version: Version::default(), units, allocations: allocations.currencies, tree })
}

/// By currency and unit: what is charged, what is allocated, whether some of it is a share.
type Sums = BTreeMap<(String, String), (Sum, Amount, bool)>;

fn shared(row: &CostRow, names: &[String], place: usize) -> SharedRow {
    let value = |at: usize| row.values.get(at).cloned().flatten();
    SharedRow {
        values: names
            .iter()
            .zip(&row.values)
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
            .collect(),
        owner: value(0),
        application: value(1),
        currency: row.currency.clone(),
        amount: row.sums[place].0,
    }
}

fn add_direct<'a>(
    all: &mut Sums,
    rows: impl Iterator<Item = &'a CostRow>,
    place: usize,
    tree: &UnitTree,
) -> Result<(), AskError> {
    // What an application is charged is split once, so that rounding happens once.
    let mut of_application: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for row in rows {
        let (amount, rows_with) = row.sums[place];
        let part = Sum { amount, rows: rows_with, rows_without: row.rows - rows_with };
        let value = |at: usize| row.values.get(at).and_then(Option::as_deref);
        for unit in tree.holders(value(0), value(1)) {
            all.entry((row.currency.clone(), unit.to_owned())).or_default().0.add(&part)?;
        }
        if let Some(application) = value(1).filter(|one| tree.has_products(one)) {
            of_application.entry((&row.currency, application)).or_default().add(&part)?;
        }
    }
    for ((currency, application), sum) in of_application {
        for (product, amount) in tree.by_product(application, sum.amount) {
            let of = all.entry((currency.to_owned(), product.to_owned())).or_default();
            of.0.add(&Sum { amount, ..sum })?;
            of.2 |= amount != sum.amount;
        }
    }
    Ok(())
}

fn units_of(all: Sums, tree: &UnitTree) -> Vec<UnitCost> {
    let unit = |((currency, id), (sum, allocated, is_shared)): (_, (Sum, Amount, bool))| {
        let id: String = id;
        let unit = tree.unit(&id);
        UnitCost {
            kind: unit.map_or(EntityKind::Unknown, |unit| unit.kind),
            name: unit.map_or_else(|| id.clone(), |unit| unit.name.clone()),
            unit: id,
            currency,
            charged: sum.amount,
            allocated,
            rows: sum.rows,
            rows_without: sum.rows_without,
            is_shared,
        }
    };
    let mut units: Vec<UnitCost> = all.into_iter().map(unit).collect();
    units.sort_by(|a, b| (&a.currency, a.kind, &a.unit).cmp(&(&b.currency, b.kind, &b.unit)));
    units
}

/// A running sum on one basis.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    amount: Amount,
    rows: u64,
    rows_without: u64,
}

impl Sum {
    fn add(&mut self, other: &Self) -> Result<(), AskError> {
        self.amount = plus(self.amount, other.amount)?;
        self.rows = self.rows.saturating_add(other.rows);
        self.rows_without = self.rows_without.saturating_add(other.rows_without);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit_tree::tests::shop;

    fn row(owner: Option<&str>, application: Option<&str>, service: &str, cost: &str) -> CostRow {
        let amount = (cost.parse().unwrap(), 1);
        CostRow {
            at: None,
            values: vec![
                owner.map(str::to_owned),
                application.map(str::to_owned),
                Some(service.to_owned()),
            ],
            currency: "USD".into(),
            rows: 2,
            sums: [amount; 4],
            first: Micros(0),
            last: Micros(1),
        }
    }

    #[test]
    fn units_bear_what_is_below_them_and_products_their_shares() {
        let cart = (Some("org://team/cart"), Some("application://cart"));
        let rows = [
            row(cart.0, cart.1, "compute", "10"),
            row(Some("org://team/search"), None, "compute", "5"),
            row(Some("org://team/search"), None, "support", "3"),
            row(None, None, "compute", "1"),
        ];
        let support = AllocationRule {
            name: "support".into(),
            terms: BTreeMap::from([("service".into(), "support".into())]),
            split: AllocationSplit::Cost,
            to: Vec::new(),
        };
        let list = AllocationList { rules: vec![support], ..AllocationList::default() };
        let names = ["owner", "application", "service"].map(str::to_owned);
        let costs =
            judged(&rows, &names, Basis::Effective, &list, &Drivers::default(), shop()).unwrap();
        let found: Vec<(&str, String, String)> = costs
            .units
            .iter()
            .map(|one| (one.unit.as_str(), one.charged.to_string(), one.allocated.to_string()))
            .collect();
        let of = |unit, charged: &str, allocated: &str| (unit, charged.into(), allocated.into());
        // Support of 3 goes 10 : 5 to the teams and is nobody's charge any more.
        assert_eq!(
            found,
            [
                of("org://business_unit/retail", "15", "3"),
                of("org://team/cart", "10", "2"),
                of("org://team/search", "5", "1"),
                of("product://market", "2", "0"),
                of("product://shop", "8", "0"),
                of("application://cart", "10", "0"),
            ]
        );
        let usd = &costs.allocations["USD"];
        assert_eq!(usd.unallocated.to_string(), "1");
        let retail = costs.of("org://business_unit/retail").next().unwrap();
        assert_eq!(retail.loaded().unwrap().to_string(), "18");
        assert_eq!((retail.rows, retail.rows_without), (2, 2));
    }
}
