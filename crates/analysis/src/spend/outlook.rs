//! Where spend leads by the end of a period. Usage is carried on by `series::forecast`; what is charged
//! at its own times (tax, purchases, fees of a month) is expected once more as in the period before, as
//! far as it is not yet charged; credits and one-time charges are not expected. The interval holds 80 %
//! of the errors that the same sum had when it was forecast from days in the past.

use std::collections::BTreeMap;

use model::money::Amount;
use model::time::Micros;

use super::PROVISIONAL;
use super::day::{Days, ScheduledKind};
use super::phasing::period_before;
use crate::ask::AskError;
use crate::exact::{estimated, minus, plus};
use crate::series::forecast::forecast;
use crate::series::{NoAnswer, Sample};

/// Longest past that usage is carried on from, in days.
const PAST_DAYS: i64 = 120;

/// Instants in the past from which the sum is tried.
const ORIGINS: usize = 9;

/// Least of them for an interval of their errors.
const ORIGINS_MIN: usize = 4;

/// Share of errors that the interval holds.
const LEVEL: f64 = 0.8;

/// What is expected of one kind of scheduled charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledSum {
    /// What it is.
    pub kind: ScheduledKind,
    /// Charged so far in the period.
    pub charged: Amount,
    /// Still to come: what the period before had more.
    pub expected: Amount,
}

/// Where spend leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Used and charged in the period by the last settled day.
    pub actual: Amount,
    /// What is charged at its own times, in order of kind; its charged part after the last settled day
    /// is not in `actual`.
    pub scheduled: Vec<ScheduledSum>,
    /// What is expected of scheduled charges after the last settled day.
    pub scheduled_to_come: Amount,
    /// Usage of the days to come, with the interval.
    pub usage: Result<Carried, NoAnswer>,
}

/// Usage of the days to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// The sum.
    pub amount: Amount,
    /// Half the width of the interval.
    pub margin: Amount,
    /// How it was made, for people.
    pub method: String,
    /// Past sums the interval was made from.
    pub tried: u64,
}

impl Outlook {
    /// The sum at the end of the period with its interval.
    ///
    /// # Errors
    /// When a sum leaves the range of amounts.
    pub fn at_end(&self) -> Result<Option<(Amount, Amount, Amount)>, AskError> {
        let Ok(carried) = &self.usage else { return Ok(None) };
        let amount = plus(plus(self.actual, self.scheduled_to_come)?, carried.amount)?;
        Ok(Some((amount, minus(amount, carried.margin)?, plus(amount, carried.margin)?)))
    }
}

/// A period and how far into it charges are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Start of the period.
    pub from: Micros,
    /// End of the period, not included.
    pub to: Micros,
    /// Charges that start from here on may still change.
    pub settled: Micros,
    /// Start of the period before, whose scheduled charges are expected again.
    pub before: Micros,
}

impl Progress {
    /// Of a period, as charges stand at `at`.
    pub fn of(from: Micros, to: Micros, at: Micros) -> Self {
        let settled = at.plus(-PROVISIONAL).floor_to(Micros::DAY);
        Self { from, to, settled, before: period_before(from, to).0 }
    }

    /// From when on charges are read: those of the period before, and what usage is carried on from.
    pub fn read_from(from: Micros, to: Micros) -> Micros {
        period_before(from, to).0.min(from.plus(-PAST_DAYS * Micros::DAY))
    }
}

/// Where the spend of some days leads by the end of a period. `held` are the days on which anything was
/// charged to anybody, in order.
///
/// # Errors
/// When a sum leaves the range of amounts.
pub fn outlook(days: &Days, held: &[Micros], progress: Progress) -> Result<Outlook, AskError> {
    let settled = progress.settled.clamp(progress.from, progress.to);
    let actual = days.sum(progress.from, settled)?;
    let mut scheduled: BTreeMap<&ScheduledKind, (Amount, Amount, Amount)> = BTreeMap::new();
    for ((kind, at), amount) in &days.scheduled {
        let of = scheduled.entry(kind).or_default();
        if progress.from <= *at && *at < progress.to {
            of.0 = plus(of.0, *amount)?;
            if *at >= settled {
                of.1 = plus(of.1, *amount)?;
            }
        } else if progress.before <= *at && *at < progress.from {
            of.2 = plus(of.2, *amount)?;
        }
    }
    let mut to_come = Amount::ZERO;
    let mut sums = Vec::new();
    for (kind, (charged, unsettled, before)) in scheduled {
        let more = minus(before, charged)?;
        let is_more = kind.is_expected() && settled < progress.to && more.0 > 0;
        let expected = if is_more { more } else { Amount::ZERO };
        to_come = plus(to_come, plus(unsettled, expected)?)?;
        if charged.0 != 0 || expected.0 != 0 {
            sums.push(ScheduledSum { kind: kind.clone(), charged, expected });
        }
    }
    let left = (progress.to.0 - settled.0).max(0);
    let horizon = (left / Micros::DAY + i64::from(left % Micros::DAY > 0)) as usize;
    // A set of charges begins when it is first charged.
    let first = days.first().unwrap_or(settled);
    let from = first.max(settled.plus(-PAST_DAYS * Micros::DAY));
    let samples = days.samples(held, from, settled);
    let usage = carried(&samples, horizon);
    Ok(Outlook { actual, scheduled: sums, scheduled_to_come: to_come, usage })
}

fn carried(samples: &[Sample], horizon: usize) -> Result<Carried, NoAnswer> {
    if horizon == 0 {
        let method = "the period has ended".to_owned();
        return Ok(Carried { amount: Amount::ZERO, margin: Amount::ZERO, method, tried: 0 });
    }
    let made = forecast(samples, Micros::DAY, horizon)?;
    let amount: f64 = made.points.iter().map(|point| point.value.value).sum();
    let widths: f64 =
        made.points.iter().map(|point| (point.value.high - point.value.low) / 2.0).sum();
    let mut errors = past_errors(samples, horizon);
    errors.sort_by(f64::total_cmp);
    let tried = errors.len();
    // Split conformal prediction: rank ⌈(n + 1)·level⌉ of n past errors.
    let rank = ((tried as f64 + 1.0) * LEVEL).ceil() as usize;
    let held = (tried >= ORIGINS_MIN).then(|| errors.get(rank.min(tried) - 1).copied()).flatten();
    let (margin, how) = match held {
        Some(error) => (error, format!("80 % of the errors of {tried} past sums of that length")),
        None => (widths, "the intervals of the days added up, which is wide".to_owned()),
    };
    let too_few = NoAnswer::TooFew { n: samples.len(), needed: samples.len() + 1 };
    Ok(Carried {
        amount: estimated(amount).ok_or(too_few)?,
        margin: estimated(margin).ok_or(too_few)?,
        method: format!(
            "usage by the {} of {} days; interval: {how}",
            made.method.as_str(),
            samples.len()
        ),
        tried: tried as u64,
    })
}

/// How far the sum of the next `horizon` days was from what came, forecast from days in the past that
/// had at least 14 days before them.
fn past_errors(samples: &[Sample], horizon: usize) -> Vec<f64> {
    let mut errors = Vec::new();
    let latest = samples.len().saturating_sub(horizon);
    let step = (latest.saturating_sub(14) / ORIGINS).max(1);
    let mut end = latest;
    while end > 14 && errors.len() < ORIGINS {
        let (past, rest) = samples.split_at(end);
        if let Ok(made) = forecast(past, Micros::DAY, horizon) {
            let expected: f64 = made.points.iter().map(|point| point.value.value).sum();
            let came: f64 = rest.iter().take(horizon).map(|one| one.value).sum();
            errors.push((expected - came).abs());
        }
        end = end.saturating_sub(step);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = Micros::DAY;

    fn kind(category: &str, frequency: &str) -> ScheduledKind {
        ScheduledKind {
            category: category.into(),
            frequency: frequency.into(),
            of: String::new(),
            is_long: true,
        }
    }

    fn whole(units: i64) -> Amount {
        Amount(i128::from(units) * Amount::ONE)
    }

    #[test]
    fn usage_is_carried_on_and_the_rest_is_scheduled() {
        // Sixty days of 10; day 30 starts the period, day 50 is the last settled one.
        let usage = (0..50).map(|day| (Micros(day * DAY), whole(10))).collect();
        let scheduled = BTreeMap::from([
            ((kind("Tax", "Recurring"), Micros(DAY)), whole(18)),
            ((kind("Tax", "Recurring"), Micros(30 * DAY)), whole(12)),
            ((kind("Credit", "One-Time"), Micros(2 * DAY)), whole(-50)),
            ((kind("Purchase", "One-Time"), Micros(3 * DAY)), whole(99)),
        ]);
        let days = Days { usage, scheduled };
        let held: Vec<Micros> = (0..50).map(|day| Micros(day * DAY)).collect();
        let progress = Progress {
            before: Micros(0),
            from: Micros(30 * DAY),
            settled: Micros(50 * DAY),
            to: Micros(60 * DAY),
        };
        let found = outlook(&days, &held, progress).unwrap();
        assert_eq!(found.actual, whole(212));
        assert_eq!(found.scheduled_to_come, whole(6), "the rest of last month's tax");
        assert_eq!(found.usage.as_ref().unwrap().amount, whole(100));
        let (end, low, high) = found.at_end().unwrap().unwrap();
        assert_eq!((end, low, high), (whole(318), whole(318), whole(318)));
    }

    #[test]
    fn under_fourteen_days_nothing_is_carried_on() {
        let usage = (0..10).map(|day| (Micros(day * DAY), whole(10))).collect();
        let days = Days { usage, scheduled: BTreeMap::new() };
        let held: Vec<Micros> = (0..10).map(|day| Micros(day * DAY)).collect();
        let progress = Progress {
            before: Micros(-30 * DAY),
            from: Micros(0),
            settled: Micros(10 * DAY),
            to: Micros(30 * DAY),
        };
        let found = outlook(&days, &held, progress).unwrap();
        assert_eq!(found.actual, whole(100));
        assert!(found.usage.is_err());
        assert_eq!(found.at_end().unwrap(), None);
    }
}
