//! What moved between the last two complete periods; the differences are exact and add up.

use std::collections::BTreeSet;

use model::fact::CostRow;
use model::money::Amount;

use super::judge::{Frame, Values, by_values};
use super::shape::{CostPoint, Mover, Movers};
use super::sum::{minus, plus};
use crate::ask::AskError;

/// Compares the last two buckets that are complete, settled and next to each other.
pub(super) fn movers_of<'a>(
    over_time: &[CostPoint],
    rows: impl Iterator<Item = &'a CostRow>,
    frame: &Frame,
) -> Result<Option<Movers>, AskError> {
    let settled: Vec<&CostPoint> =
        over_time.iter().filter(|point| point.is_complete && !point.is_provisional).collect();
    let Some([before, after]) = settled.last_chunk::<2>() else { return Ok(None) };
    if before.until != after.at {
        return Ok(None);
    }
    let (first, second): (Vec<&CostRow>, Vec<&CostRow>) = rows
        .filter(|row| row.at == Some(before.at) || row.at == Some(after.at))
        .partition(|row| row.at == Some(before.at));
    let first = by_values(first)?;
    let second = by_values(second)?;
    let every: BTreeSet<&Values> = first.keys().chain(second.keys()).collect();
    let mut movers = Vec::with_capacity(every.len());
    for values in every {
        let amount = |sum: Option<&super::sum::Sum>| sum.and_then(|sum| sum.amount(frame.basis));
        let (before, after) = (amount(first.get(values)), amount(second.get(values)));
        movers.push(mover(values.clone(), 0, before, after)?);
    }
    movers.sort_by_key(|mover| std::cmp::Reverse(mover.change.0.unsigned_abs()));
    let mut amounts = (Amount::ZERO, Amount::ZERO);
    for mover in &movers {
        amounts.0 = plus(amounts.0, mover.before.unwrap_or_default())?;
        amounts.1 = plus(amounts.1, mover.after.unwrap_or_default())?;
    }
    let rest = movers.split_off(frame.top.min(movers.len()));
    if !rest.is_empty() {
        movers.push(rest_of(&rest)?);
    }
    Ok(Some(Movers {
        before: before.at,
        after: after.at,
        amount_before: amounts.0,
        amount_after: amounts.1,
        change: minus(amounts.1, amounts.0)?,
        movers,
    }))
}

fn mover(
    values: Values,
    others: u64,
    before: Option<Amount>,
    after: Option<Amount>,
) -> Result<Mover, AskError> {
    let change = minus(after.unwrap_or_default(), before.unwrap_or_default())?;
    let change_ratio =
        before.filter(|before| before.0 > 0).map(|before| change.to_f64() / before.to_f64());
    Ok(Mover { values, others, before, after, change, change_ratio })
}

fn rest_of(rest: &[Mover]) -> Result<Mover, AskError> {
    let add = |sum: Option<Amount>, amount: Option<Amount>| match (sum, amount) {
        (Some(sum), Some(amount)) => plus(sum, amount).map(Some),
        (one, other) => Ok(one.or(other)),
    };
    let (mut before, mut after) = (None, None);
    for mover in rest {
        before = add(before, mover.before)?;
        after = add(after, mover.after)?;
    }
    mover(Values::new(), rest.len() as u64, before, after)
}
