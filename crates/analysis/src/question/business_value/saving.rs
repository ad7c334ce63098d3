//! What accepted savings that were carried out have come to: the effective cost of the 30 days before,
//! by the day, less that of each day since at the unit prices of before, for at most 12 months. Pure.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::decision::{Decision, DecisionAction, DecisionTarget};
use model::fact::UsageCostRow;
use model::money::Amount;
use model::time::{Micros, Window};

use super::period::{day_of, start_of};
use super::shape::{RealisedAmount, RealisedSaving, RealisedStatus, RealisedTotal, ValueSavings};
use crate::exact::scaled;

/// Days before that are compared with.
const DAYS_BEFORE: i64 = 30;

/// Place of the effective cost in a row's sums.
const EFFECTIVE: usize = 1;

/// A candidate that was accepted and then carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    pub target: DecisionTarget,
    pub rule: String,
    pub entity: String,
    pub accepted: Decision,
    pub done: Decision,
}

impl Done {
    fn day(&self) -> i64 {
        day_of(Micros::of(self.done.decided_at))
    }

    /// The 30 days before the day on which it was done.
    pub fn before(&self) -> Window {
        Window {
            from: start_of(self.day() - DAYS_BEFORE).timestamp(),
            to: start_of(self.day()).timestamp(),
        }
    }

    /// From the day after for at most 12 months, as far as charges are settled; `None` without a day.
    pub fn since(&self, settled: Option<(i64, i64)>) -> Option<Window> {
        let (from, end) = (self.day() + 1, settled?.1);
        let utc = jiff::tz::TimeZone::UTC;
        let first = start_of(from).timestamp().to_zoned(utc);
        let year = first.checked_add(jiff::Span::new().months(12)).ok()?;
        let to = end.min(day_of(Micros::of(year.timestamp())));
        (from < to)
            .then(|| Window { from: start_of(from).timestamp(), to: start_of(to).timestamp() })
    }
}

/// What holds as done at an instant, newest first: a target whose latest decision says so, with the latest
/// acceptance before it.
pub(super) fn done_at(all: &[Decision], at: Micros) -> Vec<Done> {
    let mut latest: BTreeMap<&DecisionTarget, &Decision> = BTreeMap::new();
    for decision in all.iter().filter(|one| Micros::of(one.decided_at) <= at) {
        let held = latest.entry(&decision.target).or_insert(decision);
        if held.id < decision.id {
            *held = decision;
        }
    }
    let mut found: Vec<Done> = latest
        .into_iter()
        .filter(|(_, one)| one.action == DecisionAction::Done)
        .filter_map(|(target, done)| {
            let DecisionTarget::Savings(rule, entity) = target else { return None };
            let accepted = all
                .iter()
                .filter(|one| one.target == *target && one.id < done.id)
                .filter(|one| one.action == DecisionAction::Accept)
                .max_by_key(|one| one.id)?;
            Some(Done {
                target: target.clone(),
                rule: rule.clone(),
                entity: entity.clone(),
                accepted: accepted.clone(),
                done: done.clone(),
            })
        })
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.done.decided_at), one.target.clone()));
    found
}

/// One that was done, with the charges of all entities before and since.
pub(super) struct DoneFacts {
    pub done: Done,
    pub before: Vec<UsageCostRow>,
    pub since: Option<(Window, Vec<UsageCostRow>)>,
}

/// Judges those that were done.
pub(super) fn savings(facts: &[DoneFacts]) -> ValueSavings {
    let realised: Vec<RealisedSaving> = facts.iter().map(one).collect();
    let mut totals: BTreeMap<String, RealisedTotal> = BTreeMap::new();
    for saving in &realised {
        for amount in &saving.amounts {
            let total = totals.entry(amount.currency.clone()).or_insert_with(|| RealisedTotal {
                currency: amount.currency.clone(),
                verified: Amount::ZERO,
                claimed: Amount::ZERO,
                candidates: 0,
            });
            let sum = match saving.status {
                RealisedStatus::Verified => &mut total.verified,
                RealisedStatus::Claimed => &mut total.claimed,
            };
            *sum = sum.checked_add(amount.saving).unwrap_or(*sum);
            total.candidates += 1;
        }
    }
    let reason = realised.is_empty().then_some(Absence::NotConfigured);
    ValueSavings { totals: totals.into_values().collect(), realised, reason }
}

fn one(facts: &DoneFacts) -> RealisedSaving {
    let Done { target, rule, entity, accepted, done } = &facts.done;
    let since = facts.since.as_ref().map(|(window, _)| *window);
    let days = since.map_or(0, |window| (window.seconds() / 86_400.0).round() as u64);
    let is_its = |row: &&UsageCostRow| {
        row.entity.as_ref() == Some(entity)
            || row.resource_id.as_ref() == Some(entity)
            || row.commitment_id.as_ref() == Some(entity)
    };
    let before: Vec<&UsageCostRow> = facts.before.iter().filter(is_its).collect();
    let after: Vec<&UsageCostRow> =
        facts.since.iter().flat_map(|(_, rows)| rows).filter(is_its).collect();
    let amounts = if days == 0 { Vec::new() } else { amounts(&before, &after, days) };
    let fell = |one: &RealisedAmount| {
        one.daily_before
            .0
            .checked_mul(days.into())
            .map(Amount)
            .is_some_and(|cost| one.charged_since < cost)
    };
    let is_verified = !amounts.is_empty() && amounts.iter().all(fell);
    RealisedSaving {
        target: target.to_string(),
        rule: rule.clone(),
        entity: entity.clone(),
        accepted_by: accepted.author.clone(),
        accepted_at: Micros::of(accepted.decided_at),
        done_by: done.author.clone(),
        done_at: Micros::of(done.decided_at),
        before: facts.done.before(),
        since,
        days,
        status: if is_verified { RealisedStatus::Verified } else { RealisedStatus::Claimed },
        reason: amounts.is_empty().then_some(Absence::NoData),
        amounts,
    }
}

/// What one unit of usage is, for its price.
type Kind<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn kind(row: &UsageCostRow) -> Kind<'_> {
    let sku = row.sku.as_deref().or(row.description.as_deref());
    (&row.currency, sku, row.operation.as_deref(), row.unit.as_deref())
}

/// By currency; nothing of a currency without charges before, which could be compared with nothing.
fn amounts(before: &[&UsageCostRow], after: &[&UsageCostRow], days: u64) -> Vec<RealisedAmount> {
    let mut prices: BTreeMap<Kind<'_>, (Amount, Amount, bool)> = BTreeMap::new();
    for row in before.iter().filter(|row| row.category == "Usage") {
        let (cost, quantity, is_known) =
            prices.entry(kind(row)).or_insert((Amount::ZERO, Amount::ZERO, true));
        let sums =
            cost.checked_add(row.sums[EFFECTIVE].0).zip(quantity.checked_add(row.quantity.0));
        *is_known &= row.quantity.1 == row.rows && row.sums[EFFECTIVE].1 == row.rows;
        match sums {
            Some(sums) => (*cost, *quantity) = sums,
            None => *is_known = false,
        }
    }
    let at_old_price = |row: &UsageCostRow| {
        let (cost, quantity, is_known) = prices.get(&kind(row))?;
        let is_known = *is_known && row.category == "Usage" && row.quantity.1 == row.rows;
        scaled(*cost, row.quantity.0, *quantity).filter(|_| is_known)
    };
    let mut names: Vec<&str> = before.iter().map(|row| row.currency.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of_currency = |currency: &str| {
        let charged = |rows: &[&UsageCostRow]| {
            let own = rows.iter().filter(|row| row.currency == currency);
            own.map(|row| row.sums[EFFECTIVE].0).try_fold(Amount::ZERO, Amount::checked_add)
        };
        let cost = after
            .iter()
            .filter(|row| row.currency == currency)
            .map(|row| at_old_price(row).unwrap_or(row.sums[EFFECTIVE].0))
            .try_fold(Amount::ZERO, Amount::checked_add)?;
        let total = charged(before)?;
        let expected = scaled(total, Amount(days.into()), Amount(DAYS_BEFORE.into()))?;
        Some(RealisedAmount {
            currency: currency.to_owned(),
            daily_before: scaled(total, Amount(1), Amount(DAYS_BEFORE.into()))?,
            cost_since: cost,
            charged_since: charged(after)?,
            saving: expected.checked_sub(cost)?,
        })
    };
    names.into_iter().filter_map(of_currency).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(id: u64, action: DecisionAction, at: &str) -> Decision {
        Decision {
            id,
            target: "savings:idle:i-1".parse().unwrap(),
            action,
            author: if action == DecisionAction::Done { "ben" } else { "ana" }.into(),
            reason: "unused".into(),
            decided_at: model::time::instant(at).unwrap(),
            until: None,
        }
    }

    fn at(text: &str) -> Micros {
        Micros::of(model::time::instant(text).unwrap())
    }

    fn row(sku: &str, quantity: &str, cost: &str) -> UsageCostRow {
        let amount: Amount = cost.parse().unwrap();
        UsageCostRow {
            entity: Some("i-1".into()),
            sku: Some(sku.into()),
            unit: Some("Hrs".into()),
            category: "Usage".into(),
            currency: "USD".into(),
            rows: 1,
            sums: [(amount, 1); 4],
            quantity: (quantity.parse().unwrap(), 1),
            ..UsageCostRow::default()
        }
    }

    fn facts(since: Vec<UsageCostRow>, settled: &str) -> DoneFacts {
        let all = [
            decision(1, DecisionAction::Accept, "2026-03-01"),
            decision(2, DecisionAction::Done, "2026-03-31T10:00:00Z"),
        ];
        let done = done_at(&all, at("2026-12-01")).remove(0);
        let window = done.since(Some((0, day_of(at(settled)))));
        // 720 hours at 0.10 and a disk of 18 in thirty days: 3 a day.
        let before = vec![row("large", "720", "72"), row("disk", "0.5", "18")];
        DoneFacts { before, since: window.map(|window| (window, since)), done }
    }

    #[test]
    fn only_what_was_accepted_and_is_still_done_counts() {
        let accept = decision(1, DecisionAction::Accept, "2026-03-01");
        let done = decision(2, DecisionAction::Done, "2026-03-31");
        let undo = decision(3, DecisionAction::Undo, "2026-04-05");
        let all = [accept, done.clone(), undo];
        assert_eq!(done_at(&all, at("2026-04-01")).len(), 1);
        assert!(done_at(&all, at("2026-03-30")).is_empty());
        assert!(done_at(&all, at("2026-04-06")).is_empty());
        assert!(done_at(&[done], at("2026-04-06")).is_empty());
    }

    /// Done on 31 March, charges settled until 11 April: ten days from 1 April. Before, 90 in thirty days,
    /// 3 a day. Since, 48 hours that now cost 0.20 each: 4.80 at the old price, and nothing of the disk.
    /// Saved 30 − 4.80 = 25.20; charged were 9.60, less than 30, so it is verified.
    #[test]
    fn a_saving_is_reckoned_at_the_old_unit_price() {
        let found = savings(&[facts(vec![row("large", "48", "9.6")], "2026-04-11")]);
        let one = &found.realised[0];
        assert_eq!((one.days, one.status), (10, RealisedStatus::Verified));
        assert_eq!((one.accepted_by.as_str(), one.done_by.as_str()), ("ana", "ben"));
        assert_eq!(one.since.unwrap().from.to_string(), "2026-04-01T00:00:00Z");
        let amount = &one.amounts[0];
        let texts = [amount.daily_before, amount.cost_since, amount.charged_since, amount.saving];
        assert_eq!(texts.map(|one| one.to_string()), ["3", "4.8", "9.6", "25.2"]);
        assert_eq!(found.totals[0].verified.to_string(), "25.2");
    }

    /// Twice the hours and a new, dearer machine: 40 for ten days instead of 30.
    #[test]
    fn what_costs_more_is_claimed_and_below_zero() {
        let since = vec![row("large", "240", "24"), row("xlarge", "10", "16")];
        let found = savings(&[facts(since, "2026-04-11")]);
        let one = &found.realised[0];
        assert_eq!(one.status, RealisedStatus::Claimed);
        assert_eq!(one.amounts[0].saving.to_string(), "-10");
        assert_eq!(found.totals[0].claimed.to_string(), "-10");
    }

    #[test]
    fn without_a_settled_day_since_there_is_no_amount_and_after_a_year_no_more() {
        let found = savings(&[facts(Vec::new(), "2026-04-01")]);
        assert_eq!(found.realised[0].reason, Some(Absence::NoData));
        assert_eq!(found.realised[0].status, RealisedStatus::Claimed);
        let long = savings(&[facts(Vec::new(), "2028-01-01")]);
        // From 1 April 2026 to 1 April 2027.
        assert_eq!(
            (long.realised[0].days, long.realised[0].status),
            (365, RealisedStatus::Verified)
        );
        assert_eq!(long.realised[0].amounts[0].saving.to_string(), "1095");
    }
}
