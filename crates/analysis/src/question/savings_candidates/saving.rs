//! What the bill would fall by. Uncovered usage falls at once. Hours that a commitment covers fall as
//! far as other usage in its scope, not covered yet, would take the commitment up; the rest only when
//! the commitment ends. Both are given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::fact::UsageCostRow;
use model::money::{Amount, Basis, Origin};
use model::time::Micros;

use super::cost::{
    EFFECTIVE, added, currency_of, estimated, is_covered, is_hours, is_on_demand, money, names,
    undiscounted,
};
use super::evidence::{Case, Plan};
use super::shape::{MonthlySaving, SavingBasis};
use crate::ask::AskError;

/// On-demand usage that could take commitments up, by payer's account and currency, as far as no
/// candidate before has used it.
#[derive(Debug, Default)]
pub(super) struct Pools {
    /// Undiscounted cost of on-demand hours, by scope.
    left: BTreeMap<Scope, Amount>,
}

/// Where a commitment holds: a savings plan for every region of the accounts of one bill; a reservation
/// within one region and one family of classes.
type Scope = (String, Option<String>, Option<String>);

impl Pools {
    /// The pools of all charges.
    pub fn new(rows: &[UsageCostRow]) -> Result<Self, AskError> {
        let mut left: BTreeMap<Scope, Amount> = BTreeMap::new();
        for row in rows.iter().filter(|row| is_on_demand(row) && is_hours(row)) {
            let Some(cost) = undiscounted(row).filter(|cost| cost.0 > 0) else { continue };
            for scope in [plan_scope(row), reservation_scope(row)] {
                let held = left.entry(scope).or_default();
                *held = added(*held, cost)?;
            }
        }
        Ok(Self { left })
    }

    /// What other usage takes up of the commitment that covers these rows; `own` is on-demand usage of
    /// the same entity, which would go, too. What is taken is taken for what comes after.
    fn take(&mut self, row: &UsageCostRow, own: Amount) -> Amount {
        let Some(wanted) = undiscounted(row) else { return Amount::ZERO };
        let is_reservation = row.commitment_id.as_deref().is_some_and(|id| id.contains("reserved"));
        let scope = if is_reservation { reservation_scope(row) } else { plan_scope(row) };
        let held = self.left.entry(scope).or_default();
        let others = Amount(held.0.saturating_sub(own.0).max(0));
        let taken = wanted.min(others);
        *held = Amount(held.0 - taken.0);
        taken
    }
}

fn plan_scope(row: &UsageCostRow) -> Scope {
    (row.currency.clone(), None, None)
}

fn reservation_scope(row: &UsageCostRow) -> Scope {
    (row.currency.clone(), row.region.clone(), Some(family(row)))
}

/// The family of a row's class (`m6i`), else its service.
fn family(row: &UsageCostRow) -> String {
    let texts = [&row.description, &row.sku];
    let class = texts.into_iter().flatten().find_map(|text| {
        text.split(|letter: char| letter.is_whitespace() || letter == ':').find_map(|word| {
            let (family, size) = word.rsplit_once('.')?;
            let is_size = size.ends_with("large")
                || size.starts_with("metal")
                || matches!(size, "nano" | "micro" | "small" | "medium");
            is_size.then(|| family.to_owned())
        })
    });
    class.unwrap_or_else(|| row.service.clone().unwrap_or_default())
}

/// The saving of a candidate, or why there is none.
pub(super) fn saving(
    case: &Case<'_>,
    rows: &[&UsageCostRow],
    plan: &Plan,
    pools: &mut Pools,
) -> Result<Result<MonthlySaving, String>, AskError> {
    match plan {
        Plan::Unpriced(reason) => Ok(Err(reason.clone())),
        Plan::Part { amount, currency, basis, source } => {
            Ok(Ok(part(*amount, currency, *basis, source, rows.len() as u64)))
        }
        Plan::Whole => whole(case, rows, pools),
    }
}

fn part(
    amount: Amount,
    currency: &str,
    basis: SavingBasis,
    source: &str,
    rows: u64,
) -> MonthlySaving {
    MonthlySaving {
        now: estimated(amount, currency, rows),
        after_commitment: None,
        commitment_end: None,
        basis,
        source: source.to_owned(),
    }
}

/// Everything that a thing costs, split by what covers it.
fn whole(
    case: &Case<'_>,
    rows: &[&UsageCostRow],
    pools: &mut Pools,
) -> Result<Result<MonthlySaving, String>, AskError> {
    let currency = match currency_of(rows) {
        Ok(currency) => currency,
        Err(reason) => return Ok(Err(reason)),
    };
    let uncovered: Vec<&UsageCostRow> =
        rows.iter().copied().filter(|row| !is_covered(row)).collect();
    let mut now = money(uncovered.iter().copied(), &currency, Basis::Effective)?;
    if now.amount.is_none() && uncovered.iter().any(|row| row.rows > 0) {
        now = money(uncovered.iter().copied(), &currency, Basis::Billed)?;
    }
    let covered: Vec<&UsageCostRow> = rows.iter().copied().filter(|row| is_covered(row)).collect();
    if covered.is_empty() {
        if now.amount.is_none() {
            return Ok(Err("no charge of it has an amount".to_owned()));
        }
        let source = "its charges of the month".to_owned();
        return Ok(Ok(MonthlySaving {
            now,
            after_commitment: None,
            commitment_end: None,
            basis: SavingBasis::Computed,
            source,
        }));
    }
    let mut own = Amount::ZERO;
    for row in uncovered.iter().filter(|row| is_on_demand(row) && is_hours(row)) {
        own = added(own, undiscounted(row).unwrap_or_default())?;
    }
    let mut at_once = now.amount.unwrap_or_default();
    let mut later = at_once;
    for row in &covered {
        at_once = added(at_once, pools.take(row, own))?;
        later = added(later, undiscounted(row).unwrap_or(row.sums[EFFECTIVE].0))?;
    }
    now.amount = Some(at_once);
    now.rows = rows.iter().map(|row| row.rows).sum();
    now.origin = Origin::Estimated;
    let mut after = now.clone();
    after.amount = Some(later);
    Ok(Ok(MonthlySaving {
        now,
        after_commitment: Some(after),
        commitment_end: end_of(case, &covered),
        basis: SavingBasis::Computed,
        source: "its charges of the month; covered hours as far as other on-demand hours take the \
                 commitment up"
            .to_owned(),
    }))
}

/// The latest end of the commitments that cover these rows, where the estate knows them all.
fn end_of(case: &Case<'_>, covered: &[&UsageCostRow]) -> Option<Timestamp> {
    let mut latest = None;
    for row in covered {
        let id = row.commitment_id.as_deref()?;
        let ordinal = case.estate().find(id)?;
        let entity = case.estate().entity(ordinal);
        let stated = entity.properties.get("end").and_then(serde_json::Value::as_str);
        let end = stated.and_then(|text| model::time::instant(text).ok()).or(entity.valid_to)?;
        latest = latest.max(Some(Micros::of(end)));
    }
    latest.map(Micros::timestamp)
}

/// The on-demand price of an hour of a class in a region, by the bill.
pub(super) fn hour_of_class(
    case: &Case<'_>,
    currency: &str,
    region: Option<&str>,
    class: &str,
) -> Option<f64> {
    case.facts.costs.unit_price(currency, |row| {
        is_hours(row) && row.region.as_deref() == region && names(row, class)
    })
}
