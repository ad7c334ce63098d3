//! Hand-written charges, summed one by one as a store sums them.

use std::collections::BTreeMap;

use model::fact::{CostDimension, CostItemRow, CostQuery, CostRow, CostStep};
use model::{Amount, Micros};

/// One charge with the dimensions that tests use.
#[derive(Debug, Clone)]
pub struct Charge {
    pub values: BTreeMap<CostDimension, String>,
    pub currency: &'static str,
    pub sums: [Option<Amount>; 4],
    pub start: Micros,
    pub end: Micros,
    pub billing: Micros,
    pub quantity: Option<Amount>,
}

/// Bucket, values of the dimensions, currency.
type Key = (Option<Micros>, Vec<Option<String>>, String);

/// Sums charges one by one.
pub fn summed(charges: &[Charge], query: &CostQuery) -> Vec<CostRow> {
    let mut rows: BTreeMap<Key, CostRow> = BTreeMap::new();
    for charge in charges {
        let value = |dimension: &CostDimension| charge.values.get(dimension).cloned();
        let at = if query.by_billing_period { charge.billing } else { charge.start };
        let is_in = query.window.is_none_or(|window| {
            let (from, to) = window.micros();
            from <= at && at < to
        });
        let matches = |(dimension, wanted): &(CostDimension, String)| {
            value(dimension).unwrap_or_default() == *wanted
        };
        let owner = value(&CostDimension::Owner);
        let is_asked = query.unit.is_empty() || owner.is_some_and(|one| query.unit.contains(&one));
        if !is_in || !is_asked || !query.filters.iter().all(matches) {
            continue;
        }
        let bucket = query.step.map(|step| match step {
            CostStep::Day => at.floor_to(Micros::DAY),
            CostStep::Month => month_of(at),
        });
        let values: Vec<Option<String>> = query.dimensions.iter().map(value).collect();
        let key = (bucket, values.clone(), charge.currency.to_owned());
        let row = rows.entry(key).or_insert_with(|| CostRow {
            at: bucket,
            values,
            currency: charge.currency.to_owned(),
            rows: 0,
            sums: [(Amount::ZERO, 0); 4],
            first: charge.start,
            last: charge.end,
        });
        row.rows += 1;
        row.first = row.first.min(charge.start);
        row.last = row.last.max(charge.end);
        for (sum, amount) in row.sums.iter_mut().zip(charge.sums) {
            if let Some(amount) = amount {
                *sum = (sum.0.checked_add(amount).unwrap(), sum.1 + 1);
            }
        }
    }
    rows.into_values().collect()
}

/// Sums charges one by one, those longer than a day and a half apart.
pub fn itemised(charges: &[Charge], query: &CostQuery) -> Vec<CostItemRow> {
    let mut rows = Vec::new();
    for is_long in [false, true] {
        let length = |one: &Charge| one.end.0 - one.start.0 > 36 * Micros::HOUR;
        let of: Vec<Charge> =
            charges.iter().filter(|one| length(one) == is_long).cloned().collect();
        for cost in summed(&of, query) {
            // The same rows again: those whose sum over their own values this is.
            let same = CostQuery {
                filters: query
                    .filters
                    .iter()
                    .cloned()
                    .chain(query.dimensions.iter().zip(&cost.values).map(|(dimension, value)| {
                        (dimension.clone(), value.clone().unwrap_or_default())
                    }))
                    .chain([(CostDimension::Currency, cost.currency.clone())])
                    .collect(),
                ..query.clone()
            };
            let mut row = CostItemRow {
                is_long,
                quantity: (Amount::ZERO, 0),
                before_commitment: (Amount::ZERO, 0),
                from_list: 0,
                cost,
            };
            for one in &of {
                let mut one = one.clone();
                one.values.insert(CostDimension::Currency, one.currency.to_owned());
                let here = summed(std::slice::from_ref(&one), &same);
                if here.is_empty() || here[0].at != row.cost.at {
                    continue;
                }
                let add = |sum: &mut (Amount, u64), amount: Option<Amount>| {
                    if let Some(amount) = amount {
                        *sum = (sum.0.checked_add(amount).unwrap(), sum.1 + 1);
                    }
                };
                add(&mut row.quantity, one.quantity);
                add(&mut row.before_commitment, one.sums[3].or(one.sums[2]));
                row.from_list += u64::from(one.sums[3].is_none() && one.sums[2].is_some());
            }
            rows.push(row);
        }
    }
    rows
}

pub fn month_of(at: Micros) -> Micros {
    let date = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    Micros::of(date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp())
}
