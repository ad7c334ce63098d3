//! What downtime costs: over the union of the intervals of harm, the value expected less the value
//! observed. Expected of an hour is the median of the same hour of the four weeks before; hours that
//! other incidents touched are no example of it. Hours without such a series count by the minute at a
//! stated value, and are called assumed.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::money::Amount;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::assumption::ValueAssumption;
use super::series::ValueSeries;
use crate::exact::{half, scaled};

/// Weeks before that an expectation is taken from.
const WEEKS: i64 = 4;

/// Fewest of them that must have a value.
const WEEKS_MIN: usize = 3;

/// Hours in a week.
const WEEK_HOURS: i64 = 7 * 24;

/// An interval of harm, `[from, to)`.
pub type Interval = (Micros, Micros);

/// What a minute is worth when nothing measures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedMinute {
    /// Value of a minute.
    pub value: Amount,
    /// Currency.
    pub currency: String,
    /// Part of it that is lost, 0 to 1.
    pub share: Amount,
    /// Who states both, and when.
    pub assumptions: Vec<ValueAssumption>,
}

/// What downtime cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DowntimeCost {
    /// `measured` and `assumed` together; null with `reason`. Below zero when more came in than was
    /// expected.
    pub amount: Option<Amount>,
    /// ISO 4217; null without an amount.
    pub currency: Option<String>,
    /// Why there is no amount: `not_configured` or `no_data`.
    pub reason: Option<Absence>,
    /// How the amount came about.
    pub method: DowntimeMethod,
    /// Expected less observed over the whole hours that harm touched.
    pub measured: Option<Amount>,
    /// Value expected of these hours.
    pub expected: Option<Amount>,
    /// Value observed in them.
    pub observed: Option<Amount>,
    /// Minutes of the other hours at the stated value.
    pub assumed: Option<Amount>,
    /// Minutes of harm, each counted once however many incidents cover it.
    pub minutes: f64,
    /// Those in hours that were measured.
    pub minutes_measured: f64,
    /// Those at the stated value.
    pub minutes_assumed: f64,
    /// Those that nothing is known of, left out of the amount.
    pub minutes_without: f64,
    /// Hours measured.
    pub hours_measured: u64,
    /// The metric that was compared, if any.
    pub metric: Option<String>,
    /// Canonical id of the product, application, service or unit whose value it is.
    pub of: Option<String>,
    /// What the assumed part takes for granted; empty when nothing is assumed.
    pub assumptions: Vec<ValueAssumption>,
}

/// How a cost of downtime came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DowntimeMethod {
    /// Expected less observed.
    Measured,
    /// Minutes at a stated value.
    Assumed,
    /// Some hours so, some so.
    Mixed,
    /// Neither.
    Absent,
}

/// The intervals without overlap, in order.
pub fn union_of(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted: Vec<Interval> =
        intervals.iter().copied().filter(|(from, to)| from < to).collect();
    sorted.sort_unstable();
    let mut union: Vec<Interval> = Vec::new();
    for (from, to) in sorted {
        match union.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => union.push((from, to)),
        }
    }
    union
}

/// What the harm of some intervals cost. `known` are the intervals of all incidents of the same subject,
/// also others than these; `series` is a value metric in money; `stated` stands in where it has no
/// hours. O(intervals · log + hours of the series).
pub fn downtime_cost(
    harm: &[Interval],
    known: &[Interval],
    series: Option<&ValueSeries>,
    stated: Option<&StatedMinute>,
) -> DowntimeCost {
    let series = series.filter(|series| series.currency.is_some());
    let touched = touched_hours(&union_of(harm));
    let hours = series.map(ValueSeries::hours).unwrap_or_default();
    let measured = measured(&touched, &union_of(known), &hours);
    let total: i64 = touched.values().sum();
    let rest = total - measured.micros;
    let mut currency = series.filter(|_| measured.hours > 0).and_then(|one| one.currency.clone());
    let stated = stated.filter(|stated| {
        rest > 0 && currency.as_ref().is_none_or(|currency| *currency == stated.currency)
    });
    let assumed = stated.and_then(|stated| {
        let minutes = scaled(stated.value, Amount(rest.into()), Amount(Micros::MINUTE.into()))?;
        scaled(minutes, stated.share, Amount(Amount::ONE))
    });
    currency = currency.or(stated.filter(|_| assumed.is_some()).map(|one| one.currency.clone()));
    let difference = measured.expected.checked_sub(measured.observed);
    let measured_amount = difference.filter(|_| measured.hours > 0);
    let (method, amount) = match (measured_amount, assumed) {
        (Some(one), Some(other)) => (DowntimeMethod::Mixed, one.checked_add(other)),
        (Some(one), None) => (DowntimeMethod::Measured, Some(one)),
        (None, Some(other)) => (DowntimeMethod::Assumed, Some(other)),
        // Nothing was lost in no time at all.
        (None, None) => (DowntimeMethod::Absent, None),
    };
    let minutes = |micros: i64| micros as f64 / Micros::MINUTE as f64;
    let of_assumed = if assumed.is_some() { rest } else { 0 };
    let has = |value: Amount| (measured.hours > 0).then_some(value);
    let reason = if series.is_some() { Absence::NoData } else { Absence::NotConfigured };
    DowntimeCost {
        amount,
        currency,
        reason: amount.is_none().then_some(reason),
        method,
        measured: measured_amount,
        expected: has(measured.expected),
        observed: has(measured.observed),
        assumed,
        minutes: minutes(total),
        minutes_measured: minutes(measured.micros),
        minutes_assumed: minutes(of_assumed),
        minutes_without: minutes(rest - of_assumed),
        hours_measured: measured.hours,
        metric: series.map(|series| series.metric.clone()),
        of: series.map(|series| series.of.clone()),
        assumptions: stated
            .filter(|_| assumed.is_some())
            .map(|stated| stated.assumptions.clone())
            .unwrap_or_default(),
    }
}

/// Hours that a union touches, by number since 1970, with the microseconds of it in each.
fn touched_hours(union: &[Interval]) -> BTreeMap<i64, i64> {
    let mut touched: BTreeMap<i64, i64> = BTreeMap::new();
    for (from, to) in union {
        let mut at = from.0;
        while at < to.0 {
            let hour = at.div_euclid(Micros::HOUR);
            let end = to.0.min((hour + 1).saturating_mul(Micros::HOUR));
            *touched.entry(hour).or_default() += end - at;
            at = end;
        }
    }
    touched
}

/// What the hours with a series come to.
struct Measured {
    expected: Amount,
    observed: Amount,
    hours: u64,
    micros: i64,
}

fn measured(
    touched: &BTreeMap<i64, i64>,
    known: &[Interval],
    hours: &BTreeMap<i64, Amount>,
) -> Measured {
    let mut found =
        Measured { expected: Amount::ZERO, observed: Amount::ZERO, hours: 0, micros: 0 };
    if hours.is_empty() {
        return found;
    }
    let mut harmed: BTreeSet<i64> = touched_hours(known).into_keys().collect();
    harmed.extend(touched.keys());
    for (hour, micros) in touched {
        let Some(observed) = hours.get(hour) else { continue };
        let weeks = (1..=WEEKS).map(|week| hour - week * WEEK_HOURS);
        let examples: Vec<Amount> = weeks
            .filter(|hour| !harmed.contains(hour))
            .filter_map(|hour| hours.get(&hour).copied())
            .collect();
        if examples.len() < WEEKS_MIN {
            continue;
        }
        let Some(expected) = median(examples) else { continue };
        let sums = found.expected.checked_add(expected).zip(found.observed.checked_add(*observed));
        let Some((expected, observed)) = sums else { continue };
        (found.expected, found.observed) = (expected, observed);
        found.hours += 1;
        found.micros += micros;
    }
    found
}

/// The middle one, of an even number the mean of the two in the middle; `None` of none.
fn median(mut amounts: Vec<Amount>) -> Option<Amount> {
    amounts.sort_unstable();
    let middle = amounts.len() / 2;
    let upper = *amounts.get(middle)?;
    if amounts.len() % 2 == 1 {
        return Some(upper);
    }
    amounts.get(middle - 1)?.checked_add(upper).map(half)
}

#[cfg(test)]
mod tests;
