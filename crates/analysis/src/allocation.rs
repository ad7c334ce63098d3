//! Shared charges split among units by stated rules, exactly: what is direct, what is allocated and what
//! is not adds up to what is charged, to the last digit.

use std::collections::{BTreeMap, BTreeSet};

use model::allocation::{AllocationList, AllocationRule, AllocationSplit};
use model::kind::EntityKind;
use model::money::Amount;

use crate::ask::AskError;
use crate::exact::{minus, plus, scaled, split};
use crate::unit_tree::UnitTree;

/// A sum of charges in one currency, as rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedRow {
    /// Values of the dimensions that rules name (`tag:team`), where the charge has one.
    pub values: BTreeMap<String, String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Canonical id of the application.
    pub application: Option<String>,
    /// Currency.
    pub currency: String,
    /// The sum.
    pub amount: Amount,
}

/// What became of the charges of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocation {
    /// Everything.
    pub charged: Amount,
    /// What has an owner and no rule splits.
    pub direct: Amount,
    /// What rules gave to units.
    pub allocated: Amount,
    /// The rest: nobody's, or left over by a rule.
    pub unallocated: Amount,
    /// What each rule gave to each unit, in order of rule and unit.
    pub lines: BTreeMap<(String, String), Amount>,
    /// What each rule matched, and what of it it left over, in order of rule.
    pub rules: BTreeMap<String, (Amount, Amount)>,
    /// Rules of equal rank that disagreed, with the sum that none of them split.
    pub conflicts: BTreeMap<Vec<String>, Amount>,
}

/// What became of all charges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocations {
    /// By currency.
    pub currencies: BTreeMap<String, Allocation>,
    /// For each row whether a rule split it, in the order given.
    pub is_split: Vec<bool>,
}

/// What a split by a driver goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drivers {
    /// Sums of value metrics by metric and canonical id of the unit.
    pub values: BTreeMap<String, BTreeMap<String, Amount>>,
}

/// The names of the dimensions that rules of a list ask about, in order.
pub fn dimensions_of(list: &AllocationList) -> BTreeSet<&str> {
    list.rules.iter().flat_map(|rule| rule.terms.keys().map(String::as_str)).collect()
}

/// Splits charges by the rules, one allocation a currency.
///
/// # Errors
/// When a sum leaves the range of amounts.
pub fn allocated(
    rows: &[SharedRow],
    list: &AllocationList,
    tree: &UnitTree,
    drivers: &Drivers,
) -> Result<Allocations, AskError> {
    let chosen: Vec<Chosen> = rows.iter().map(|row| chosen(row, list)).collect();
    let mut all: BTreeMap<String, Allocation> = BTreeMap::new();
    // What each rule matched is split once, so that rounding happens once.
    let mut matched: BTreeMap<(&str, usize), Amount> = BTreeMap::new();
    let mut direct: BTreeMap<(&str, &str), Amount> = BTreeMap::new();
    for (row, chosen) in rows.iter().zip(&chosen) {
        let one = all.entry(row.currency.clone()).or_default();
        one.charged = plus(one.charged, row.amount)?;
        if let Chosen::Rule(place) = chosen {
            let sum = matched.entry((&row.currency, *place)).or_default();
            *sum = plus(*sum, row.amount)?;
            continue;
        }
        if let Chosen::Conflict(names) = chosen {
            let sum = one.conflicts.entry(names.clone()).or_default();
            *sum = plus(*sum, row.amount)?;
        }
        if row.owner.is_none() && row.application.is_none() {
            one.unallocated = plus(one.unallocated, row.amount)?;
            continue;
        }
        one.direct = plus(one.direct, row.amount)?;
        for unit in tree.holders(row.owner.as_deref(), row.application.as_deref()) {
            let sum = direct.entry((&row.currency, unit)).or_default();
            *sum = plus(*sum, row.amount)?;
        }
    }
    for ((currency, place), amount) in matched {
        let rule = &list.rules[place];
        let own = |unit: &str| direct.get(&(currency, unit)).copied().unwrap_or_default();
        let parts = parts_of(rule, amount, tree, drivers, own);
        let one = all.entry(currency.to_owned()).or_default();
        let mut given = Amount::ZERO;
        for (unit, part) in parts {
            given = plus(given, part)?;
            one.lines.insert((rule.name.clone(), unit), part);
        }
        let left = minus(amount, given)?;
        one.allocated = plus(one.allocated, given)?;
        one.unallocated = plus(one.unallocated, left)?;
        one.rules.insert(rule.name.clone(), (amount, left));
    }
    let is_split = chosen.iter().map(|one| matches!(one, Chosen::Rule(_))).collect();
    Ok(Allocations { currencies: all, is_split })
}

/// Which rule holds of a row.
enum Chosen {
    None,
    Rule(usize),
    Conflict(Vec<String>),
}

/// The most specific rule that matches: more terms before fewer, whole values before beginnings.
fn chosen(row: &SharedRow, list: &AllocationList) -> Chosen {
    let matching = list.rules.iter().enumerate().filter(|(_, rule)| matches(rule, row));
    let ranked: Vec<((usize, usize), usize)> =
        matching.map(|(place, rule)| (rank(rule), place)).collect();
    let Some(best) = ranked.iter().map(|(rank, _)| *rank).max() else { return Chosen::None };
    let first: Vec<usize> =
        ranked.iter().filter(|(rank, _)| *rank == best).map(|(_, place)| *place).collect();
    let same = |place: &usize| {
        let (one, other) = (&list.rules[*place], &list.rules[first[0]]);
        one.split == other.split && one.to == other.to
    };
    if first.iter().all(same) {
        return Chosen::Rule(first[0]);
    }
    Chosen::Conflict(first.iter().map(|place| list.rules[*place].name.clone()).collect())
}

fn rank(rule: &AllocationRule) -> (usize, usize) {
    let whole = rule.terms.values().filter(|value| !value.ends_with('*')).count();
    (rule.terms.len(), whole)
}

fn matches(rule: &AllocationRule, row: &SharedRow) -> bool {
    rule.terms.iter().all(|(name, wanted)| {
        let value = row.values.get(name).map_or("", String::as_str);
        match wanted.strip_suffix('*') {
            Some(start) => !value.is_empty() && value.starts_with(start),
            None => value == wanted,
        }
    })
}

/// What each unit gets; units that the trees do not know, and drivers without a positive figure, get
/// nothing.
fn parts_of(
    rule: &AllocationRule,
    amount: Amount,
    tree: &UnitTree,
    drivers: &Drivers,
    own: impl Fn(&str) -> Amount,
) -> Vec<(String, Amount)> {
    let stated = rule.to.iter().map(|target| (tree.find(&target.unit), target.share));
    let mut targets: Vec<(String, Option<Amount>)> =
        stated.filter_map(|(unit, share)| unit.map(|unit| (unit.id.clone(), share))).collect();
    if rule.to.is_empty() {
        let teams = tree.units().filter(|unit| unit.kind == EntityKind::Team);
        targets = teams.map(|unit| (unit.id.clone(), None)).collect();
    }
    let weights: Vec<Amount> = match &rule.split {
        AllocationSplit::Fixed => {
            return fixed(amount, targets);
        }
        AllocationSplit::Even => targets.iter().map(|_| Amount(Amount::ONE)).collect(),
        AllocationSplit::Cost => {
            targets.iter().map(|(unit, _)| own(unit).max(Amount::ZERO)).collect()
        }
        AllocationSplit::Value(metric) => {
            let of = drivers.values.get(metric);
            let value = |unit: &String| of.and_then(|of| of.get(unit)).copied();
            targets
                .iter()
                .map(|(unit, _)| value(unit).unwrap_or_default().max(Amount::ZERO))
                .collect()
        }
    };
    let Some(parts) = split(amount, &weights) else { return Vec::new() };
    targets.into_iter().map(|(unit, _)| unit).zip(parts).filter(|(_, part)| part.0 != 0).collect()
}

/// Fixed shares, and as one more part what they leave of 1.
fn fixed(amount: Amount, targets: Vec<(String, Option<Amount>)>) -> Vec<(String, Amount)> {
    let mut weights: Vec<Amount> =
        targets.iter().map(|(_, share)| share.unwrap_or_default()).collect();
    let given: i128 = weights.iter().map(|weight| weight.0).sum();
    weights.push(Amount((Amount::ONE - given).max(0)));
    let Some(parts) = split(amount, &weights) else { return Vec::new() };
    targets.into_iter().map(|(unit, _)| unit).zip(parts).filter(|(_, part)| part.0 != 0).collect()
}

/// The share that a part is of a whole, for people; `None` where the whole is 0.
pub fn ratio(part: Amount, whole: Amount) -> Option<f64> {
    scaled(part, Amount(Amount::ONE), whole).map(Amount::to_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit_tree::tests::shop;
    use model::allocation::AllocationTarget;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn row(service: &str, owner: Option<&str>, sum: &str) -> SharedRow {
        SharedRow {
            values: BTreeMap::from([("service".to_owned(), service.to_owned())]),
            owner: owner.map(str::to_owned),
            application: None,
            currency: "USD".into(),
            amount: amount(sum),
        }
    }

    fn rule(
        name: &str,
        service: &str,
        split: AllocationSplit,
        to: &[(&str, &str)],
    ) -> AllocationRule {
        let target = |(unit, share): &(&str, &str)| AllocationTarget {
            unit: (*unit).into(),
            share: (!share.is_empty()).then(|| amount(share)),
        };
        AllocationRule {
            name: name.into(),
            terms: BTreeMap::from([("service".to_owned(), service.to_owned())]),
            split,
            to: to.iter().map(target).collect(),
        }
    }

    fn list(rules: Vec<AllocationRule>) -> AllocationList {
        AllocationList { name: "rules".into(), version: "1".into(), rules }
    }

    const CART: &str = "org://team/cart";
    const SEARCH: &str = "org://team/search";

    #[test]
    fn shares_go_to_units_and_the_rest_stays() {
        // Support of 10 is split 50 : 30, a fifth stays; tax of 3 by what each is charged itself.
        let rows = [
            row("support", None, "10"),
            row("tax", None, "3"),
            row("compute", Some(CART), "20"),
            row("compute", Some(SEARCH), "10"),
            row("other", None, "0.5"),
        ];
        let rules = list(vec![
            rule("support", "support", AllocationSplit::Fixed, &[("search", "0.3"), (CART, "0.5")]),
            rule("tax", "tax", AllocationSplit::Cost, &[]),
        ]);
        let all = allocated(&rows, &rules, &shop(), &Drivers::default()).unwrap();
        let usd = &all.currencies["USD"];
        assert_eq!(usd.charged, amount("43.5"));
        assert_eq!(usd.direct, amount("30"));
        assert_eq!(usd.allocated, amount("11"));
        assert_eq!(usd.unallocated, amount("2.5"));
        let line = |rule: &str, unit: &str| usd.lines[&(rule.to_owned(), unit.to_owned())];
        assert_eq!((line("support", CART), line("support", SEARCH)), (amount("5"), amount("3")));
        assert_eq!((line("tax", CART), line("tax", SEARCH)), (amount("2"), amount("1")));
        assert_eq!(usd.rules["support"], (amount("10"), amount("2")));
    }

    #[test]
    fn the_most_specific_rule_wins_and_equals_that_disagree_split_nothing() {
        let rows = [row("support plan", None, "10")];
        let whole = rule("whole", "support plan", AllocationSplit::Even, &[(CART, "")]);
        let start = rule("start", "support*", AllocationSplit::Even, &[(SEARCH, "")]);
        let won = allocated(&rows, &list(vec![start, whole.clone()]), &shop(), &Drivers::default());
        assert_eq!(won.unwrap().currencies["USD"].lines.keys().next().unwrap().0, "whole");
        let other = rule("other", "support plan", AllocationSplit::Even, &[(SEARCH, "")]);
        let all =
            allocated(&rows, &list(vec![whole, other]), &shop(), &Drivers::default()).unwrap();
        assert_eq!(all.currencies["USD"].unallocated, amount("10"));
        assert_eq!(all.currencies["USD"].conflicts.len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_direct_allocated_and_left_adds_up_to_what_is_charged(
            rows in proptest::collection::vec((0..4_u8, 0..3_u8, -10_i128.pow(24)..10_i128.pow(24)), 0..40),
            shares in proptest::collection::vec(0..=500_000_000_000_000_000_i128, 2),
            kinds in proptest::collection::vec(0..4_u8, 3),
        ) {
            let rows: Vec<SharedRow> = rows
                .iter()
                .map(|(service, owner, units)| SharedRow {
                    amount: Amount(*units),
                    ..row(&format!("s{service}"), [None, Some(CART), Some(SEARCH)][*owner as usize], "0")
                })
                .collect();
            let split = |kind: u8| match kind {
                0 => AllocationSplit::Fixed,
                1 => AllocationSplit::Even,
                2 => AllocationSplit::Cost,
                _ => AllocationSplit::Value("orders".into()),
            };
            let targets = [(CART, Amount(shares[0])), (SEARCH, Amount(shares[1]))]
                .map(|(unit, share)| AllocationTarget { unit: unit.into(), share: Some(share) });
            let rules = kinds.iter().enumerate().map(|(place, kind)| AllocationRule {
                to: targets.to_vec(),
                ..rule(&format!("r{place}"), &format!("s{place}"), split(*kind), &[])
            });
            let values = BTreeMap::from([(CART.to_owned(), Amount(7)), (SEARCH.to_owned(), Amount(3))]);
            let drivers = Drivers { values: BTreeMap::from([("orders".to_owned(), values)]) };
            let all = allocated(&rows, &list(rules.collect()), &shop(), &drivers).unwrap();
            let charged: i128 = rows.iter().map(|row| row.amount.0).sum();
            let found = all.currencies.get("USD").cloned().unwrap_or_default();
            prop_assert_eq!(found.charged.0, charged);
            prop_assert_eq!(found.direct.0 + found.allocated.0 + found.unallocated.0, charged);
            let lines: i128 = found.lines.values().map(|one| one.0).sum();
            prop_assert_eq!(lines, found.allocated.0);
        }
    }
}
