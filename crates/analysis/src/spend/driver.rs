//! What makes two periods differ, SKU by SKU, exactly: price (p1 − p0)·(q0 + q1)/2 and quantity
//! (q1 − q0)·(p0 + p1)/2 of resources charged in both periods, resources that are new and that ended,
//! commitments, credits, tax, and what none of these explains. The drivers add up to the difference to
//! the last digit: what rounding leaves of the halves of a price and quantity effect is in the quantity.

use std::collections::{BTreeMap, BTreeSet};

use model::money::Amount;

use crate::ask::AskError;
use crate::exact::{half, minus, plus, scaled};

/// A sum of charges of one resource and SKU, as drivers see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriverItem {
    /// SKU, service and unit of use.
    pub sku: SkuKey,
    /// Resource as billed; empty where there is none.
    pub resource: String,
    /// Charge category.
    pub category: String,
    /// Whether `ChargeClass` is Correction.
    pub is_correction: bool,
    /// Whether a commitment paid for it.
    pub is_committed: bool,
    /// Whether it is the unused part of a commitment.
    pub is_unused: bool,
    /// The sum on the basis.
    pub cost: Amount,
    /// The sum without the commitment, where every row tells it.
    pub before_commitment: Option<Amount>,
    /// Quantity, where every row tells it.
    pub quantity: Option<Amount>,
}

/// What tells SKUs apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkuKey {
    /// SKU; empty where there is none.
    pub sku: String,
    /// Service.
    pub service: String,
    /// Unit of use.
    pub unit: String,
}

/// What makes up a difference; every field is a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the word itself")]
pub struct DriverSums {
    pub price: Amount,
    pub quantity: Amount,
    pub new_resources: Amount,
    pub ended_resources: Amount,
    pub commitments: Amount,
    pub credits: Amount,
    pub tax: Amount,
    pub unexplained: Amount,
}

impl DriverSums {
    /// Every driver with its name, in a fixed order. `currency` is always 0: periods are compared in
    /// one currency.
    pub fn named(&self) -> [(&'static str, Amount); 9] {
        [
            ("price", self.price),
            ("quantity", self.quantity),
            ("new_resources", self.new_resources),
            ("ended_resources", self.ended_resources),
            ("commitments", self.commitments),
            ("credits", self.credits),
            ("tax", self.tax),
            ("currency", Amount::ZERO),
            ("unexplained", self.unexplained),
        ]
    }

    /// Their sum.
    ///
    /// # Errors
    /// When it leaves the range of amounts.
    pub fn total(&self) -> Result<Amount, AskError> {
        crate::exact::total(self.named().map(|(_, amount)| amount))
    }

    fn add(&mut self, other: &Self) -> Result<(), AskError> {
        for (mine, theirs) in [
            (&mut self.price, other.price),
            (&mut self.quantity, other.quantity),
            (&mut self.new_resources, other.new_resources),
            (&mut self.ended_resources, other.ended_resources),
            (&mut self.commitments, other.commitments),
            (&mut self.credits, other.credits),
            (&mut self.tax, other.tax),
            (&mut self.unexplained, other.unexplained),
        ] {
            *mine = plus(*mine, theirs)?;
        }
        Ok(())
    }
}

/// One SKU of both periods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkuDriver {
    /// Which.
    pub sku: SkuKey,
    /// Charged in the reference period.
    pub before: Amount,
    /// Charged in the period.
    pub after: Amount,
    /// Quantity of resources charged in both, in the reference period and in the period.
    pub quantities: Option<(Amount, Amount)>,
    /// What makes up its difference.
    pub drivers: DriverSums,
}

/// What makes two periods differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Charged in the reference period.
    pub before: Amount,
    /// Charged in the period.
    pub after: Amount,
    /// The drivers of everything.
    pub drivers: DriverSums,
    /// Every SKU, the largest difference first, ties in order of SKU.
    pub skus: Vec<SkuDriver>,
}

/// Cost without commitments and quantity of one resource in one period.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    cost: Amount,
    quantity: Option<Amount>,
    is_seen: bool,
}

impl Use {
    fn add(&mut self, cost: Amount, quantity: Option<Amount>) -> Result<(), AskError> {
        self.cost = plus(self.cost, cost)?;
        self.quantity = match (self.quantity, quantity, self.is_seen) {
            (_, one, false) => one,
            (Some(sum), Some(more), true) => Some(plus(sum, more)?),
            _ => None,
        };
        self.is_seen = true;
        Ok(())
    }
}

#[derive(Default)]
struct Sku {
    before: Amount,
    after: Amount,
    /// By resource: in the reference period and in the period.
    uses: BTreeMap<String, [Use; 2]>,
    drivers: DriverSums,
}

/// What makes `after` differ from `before`, of one currency.
///
/// # Errors
/// When a sum leaves the range of amounts.
pub fn difference(before: &[DriverItem], after: &[DriverItem]) -> Result<Difference, AskError> {
    let mut skus: BTreeMap<&SkuKey, Sku> = BTreeMap::new();
    for (place, items) in [before, after].into_iter().enumerate() {
        for item in items {
            let sku = skus.entry(&item.sku).or_default();
            let sum = if place == 0 { &mut sku.before } else { &mut sku.after };
            *sum = plus(*sum, item.cost)?;
            take(sku, item, place)?;
        }
    }
    let mut all = Difference::default();
    for (key, mut sku) in skus {
        let quantities = settle(&mut sku)?;
        all.before = plus(all.before, sku.before)?;
        all.after = plus(all.after, sku.after)?;
        all.drivers.add(&sku.drivers)?;
        let Sku { before, after, drivers, .. } = sku;
        all.skus.push(SkuDriver { sku: key.clone(), before, after, quantities, drivers });
    }
    let size = |one: &SkuDriver| (one.after.0 - one.before.0).unsigned_abs();
    all.skus.sort_by_key(|one| std::cmp::Reverse(size(one)));
    Ok(all)
}

/// Puts an item where its difference belongs; usage waits for its other period.
fn take(sku: &mut Sku, item: &DriverItem, place: usize) -> Result<(), AskError> {
    let signed = |amount: Amount| if place == 0 { Amount(-amount.0) } else { amount };
    let drivers = &mut sku.drivers;
    let driver = match item.category.as_str() {
        "Tax" => Some(&mut drivers.tax),
        "Credit" | "Adjustment" => Some(&mut drivers.credits),
        _ if item.is_correction => Some(&mut drivers.credits),
        "Purchase" => Some(&mut drivers.commitments),
        _ if item.is_unused => Some(&mut drivers.commitments),
        _ => None,
    };
    if let Some(driver) = driver {
        *driver = plus(*driver, signed(item.cost))?;
        return Ok(());
    }
    let plain = match item.before_commitment.filter(|_| item.is_committed) {
        Some(plain) => plain,
        None => item.cost,
    };
    drivers.commitments = plus(drivers.commitments, signed(minus(item.cost, plain)?))?;
    let uses = sku.uses.entry(item.resource.clone()).or_default();
    uses[place].add(plain, item.quantity)
}

/// Splits the usage of one SKU; gives the quantities of what is in both periods.
fn settle(sku: &mut Sku) -> Result<Option<(Amount, Amount)>, AskError> {
    let mut both = [Use::default(), Use::default()];
    for uses in sku.uses.values() {
        match (uses[0].is_seen, uses[1].is_seen) {
            (true, true) => {
                for (sum, one) in both.iter_mut().zip(uses) {
                    sum.add(one.cost, one.quantity)?;
                }
            }
            (true, false) => {
                let ended = &mut sku.drivers.ended_resources;
                *ended = minus(*ended, uses[0].cost)?;
            }
            (false, _) => {
                let new = &mut sku.drivers.new_resources;
                *new = plus(*new, uses[1].cost)?;
            }
        }
    }
    let change = minus(both[1].cost, both[0].cost)?;
    let quantities = both[0].quantity.zip(both[1].quantity);
    let crossed = quantities.and_then(|(q0, q1)| {
        // What each period would cost at the other's quantity and its own price.
        Some((scaled(both[1].cost, q0, q1)?, scaled(both[0].cost, q1, q0)?))
    });
    match crossed {
        Some((after_less, before_more)) => {
            let twice = plus(change, minus(after_less, before_more)?)?;
            sku.drivers.price = half(twice);
            sku.drivers.quantity = minus(change, sku.drivers.price)?;
        }
        None => sku.drivers.unexplained = change,
    }
    Ok(quantities)
}

/// Resources that only one of two lists names, for people: (new, ended).
pub fn turnover(before: &[DriverItem], after: &[DriverItem]) -> (u64, u64) {
    let names = |items: &[DriverItem]| -> BTreeSet<String> {
        let named = items.iter().filter(|one| !one.resource.is_empty());
        named.map(|one| one.resource.clone()).collect()
    };
    let (before, after) = (names(before), names(after));
    (after.difference(&before).count() as u64, before.difference(&after).count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn item(resource: &str, cost: &str, quantity: &str) -> DriverItem {
        DriverItem {
            sku: SkuKey { sku: "s".into(), ..SkuKey::default() },
            resource: resource.into(),
            category: "Usage".into(),
            cost: amount(cost),
            quantity: quantity.parse().ok(),
            ..DriverItem::default()
        }
    }

    #[test]
    fn price_and_quantity_meet_in_the_middle() {
        // 10 hours at 2, then 16 hours at 3: price (3−2)·26/2 = 13, quantity 6·5/2 = 15.
        let found = difference(&[item("a", "20", "10")], &[item("a", "48", "16")]).unwrap();
        assert_eq!(found.drivers.price, amount("13"));
        assert_eq!(found.drivers.quantity, amount("15"));
        assert_eq!(found.drivers.total().unwrap(), amount("28"));
    }

    #[test]
    fn each_difference_has_its_driver() {
        let tax = |cost: &str| DriverItem { category: "Tax".into(), ..item("", cost, "") };
        let credit = |cost: &str| DriverItem { category: "Credit".into(), ..item("", cost, "") };
        let covered = DriverItem {
            is_committed: true,
            before_commitment: Some(amount("20")),
            ..item("a", "12", "10")
        };
        let unused = DriverItem { is_unused: true, ..item("", "3", "") };
        let before = [item("a", "20", "10"), item("gone", "7", "1"), tax("2"), item("n", "1", "")];
        let after =
            [covered, unused, item("new", "5", "1"), tax("3"), credit("-4"), item("n", "3", "")];
        let found = difference(&before, &after).unwrap();
        let drivers = found.drivers;
        // The same 10 hours at the same price before the commitment: it saves 8 and wastes 3.
        // Without a quantity of `n` price and quantity cannot be told apart.
        assert_eq!((drivers.price, drivers.quantity), (Amount::ZERO, Amount::ZERO));
        assert_eq!(drivers.commitments, amount("-5"));
        assert_eq!(drivers.new_resources, amount("5"));
        assert_eq!(drivers.ended_resources, amount("-7"));
        assert_eq!((drivers.tax, drivers.credits), (amount("1"), amount("-4")));
        assert_eq!(drivers.unexplained, amount("2"));
        assert_eq!(drivers.total().unwrap(), amount("-8"));
        assert_eq!(turnover(&before, &after), (1, 1));
    }

    /// What an item is drawn from: SKU, resource and category; cost, cost before commitments and
    /// quantity; flags.
    type Drawn = ((u8, u8, u8), i128, Option<i128>, Option<i128>, [bool; 3]);

    fn items() -> impl Strategy<Value = Vec<DriverItem>> {
        let one = (
            (0..4_u8, 0..4_u8, 0..5_u8),
            -10_i128.pow(24)..10_i128.pow(24),
            proptest::option::of(-10_i128.pow(24)..10_i128.pow(24)),
            proptest::option::of(0..10_i128.pow(24)),
            any::<[bool; 3]>(),
        );
        let item = |((sku, resource, category), cost, before, quantity, flags): Drawn| DriverItem {
            sku: SkuKey { sku: format!("s{sku}"), ..SkuKey::default() },
            resource: if resource == 0 { String::new() } else { format!("r{resource}") },
            category: ["Usage", "Usage", "Tax", "Credit", "Purchase"][category as usize].into(),
            is_correction: flags[0],
            is_committed: flags[1],
            is_unused: flags[2],
            cost: Amount(cost),
            before_commitment: before.map(Amount),
            quantity: quantity.map(Amount),
        };
        proptest::collection::vec(one.prop_map(item), 0..40)
    }

    proptest! {
        #[test]
        fn drivers_add_up_to_the_last_digit(before in items(), after in items()) {
            // A tiny quantity may carry a price out of the range of amounts; then nothing is said.
            let Ok(found) = difference(&before, &after) else { return Ok(()) };
            let sum = |items: &[DriverItem]| items.iter().map(|one| one.cost.0).sum::<i128>();
            let change = sum(&after) - sum(&before);
            prop_assert_eq!(found.after.0 - found.before.0, change);
            prop_assert_eq!(found.drivers.total().unwrap().0, change);
            for sku in &found.skus {
                let total = sku.drivers.total().unwrap().0;
                prop_assert_eq!(total, sku.after.0 - sku.before.0);
            }
        }
    }
}
