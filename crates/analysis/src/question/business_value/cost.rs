//! Fully loaded effective cost of units over any set of days: the charges of these days, by owner and
//! application, with shared ones split by the allocation rules in force, as [`crate::unit_cost`] does it
//! for a window.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use model::absence::Absence;
use model::allocation::AllocationList;
use model::fact::CostRow;
use model::money::{Amount, Basis, Origin};

use super::period::{day_of, start_of};
use super::shape::ValueMoney;
use crate::ask::AskError;
use crate::unit_cost::{UnitCost, UnitCosts, driver_metrics, drivers_of_series, judged};
use crate::unit_tree::UnitTree;
use crate::value::ValueSeries;

/// Days from a first to the one after the last.
type Range = (i64, i64);

/// What costs are worked out from.
pub(super) struct SubjectCosts<'a> {
    rows: BTreeMap<i64, Vec<&'a CostRow>>,
    names: &'a [String],
    rules: &'a AllocationList,
    tree: &'a UnitTree,
    series: &'a [ValueSeries],
    /// Costs of a set of days, which several subjects and metrics ask for.
    known: RefCell<HashMap<Vec<Range>, Rc<UnitCosts>>>,
}

impl<'a> SubjectCosts<'a> {
    /// From sums by day and by the dimensions of these names, owner and application first.
    pub fn new(
        rows: &'a [CostRow],
        names: &'a [String],
        rules: &'a AllocationList,
        tree: &'a UnitTree,
        series: &'a [ValueSeries],
    ) -> Self {
        let mut by_day: BTreeMap<i64, Vec<&CostRow>> = BTreeMap::new();
        for row in rows {
            by_day.entry(day_of(row.at.unwrap_or(row.first))).or_default().push(row);
        }
        Self { rows: by_day, names, rules, tree, series, known: RefCell::default() }
    }

    /// Cost of a unit, application or product over some ranges of days in order, by currency.
    ///
    /// # Errors
    /// When a sum leaves the range of amounts.
    pub fn over(&self, unit: &str, ranges: &[Range]) -> Result<Vec<ValueMoney>, AskError> {
        self.costs(ranges)?.of(unit).map(money).collect()
    }

    /// What no unit bears over a range of days, by currency.
    ///
    /// # Errors
    /// When a sum leaves the range of amounts.
    pub fn unowned(&self, range: Range) -> Result<Vec<ValueMoney>, AskError> {
        let costs = self.costs(&[range])?;
        let left = costs.allocations.iter().filter(|(_, one)| one.unallocated.0 != 0);
        let money = |(currency, one): (&String, &crate::allocation::Allocation)| ValueMoney {
            amount: Some(one.unallocated),
            currency: currency.clone(),
            basis: Some(Basis::Effective),
            origin: Origin::Charged,
            rows_without: 0,
            reason: None,
        };
        Ok(left.map(money).collect())
    }

    fn costs(&self, ranges: &[Range]) -> Result<Rc<UnitCosts>, AskError> {
        let ranges = joined(ranges);
        if let Some(known) = self.known.borrow().get(&ranges) {
            return Ok(Rc::clone(known));
        }
        let rows: Vec<CostRow> = ranges
            .iter()
            .flat_map(|(from, to)| self.rows.range(*from..(*to).max(*from)))
            .flat_map(|(_, rows)| rows.iter().map(|row| (*row).clone()))
            .collect();
        let from = ranges.first().map_or(0, |range| range.0);
        let to = ranges.last().map_or(0, |range| range.1);
        let metrics = driver_metrics(self.rules);
        let drivers = drivers_of_series(self.series, &metrics, (start_of(from), start_of(to)))?;
        let tree = self.tree.clone();
        let costs = judged(&rows, self.names, Basis::Effective, self.rules, &drivers, tree)?;
        let costs = Rc::new(costs);
        self.known.borrow_mut().insert(ranges, Rc::clone(&costs));
        Ok(costs)
    }
}

fn money(cost: &UnitCost) -> Result<ValueMoney, AskError> {
    let is_split = cost.is_shared || cost.allocated != Amount::ZERO;
    let has = cost.rows > 0 || cost.allocated != Amount::ZERO;
    Ok(ValueMoney {
        amount: if has { Some(cost.loaded()?) } else { None },
        currency: cost.currency.clone(),
        basis: Some(Basis::Effective),
        origin: if is_split { Origin::Allocated } else { Origin::Charged },
        rows_without: cost.rows_without,
        reason: (!has).then_some(Absence::NoData),
    })
}

/// Ranges in order, those that touch as one.
fn joined(ranges: &[Range]) -> Vec<Range> {
    let mut all: Vec<Range> = Vec::new();
    for (from, to) in ranges {
        match all.last_mut() {
            Some((_, end)) if *end == *from => *end = *to,
            _ => all.push((*from, *to)),
        }
    }
    all
}
