//! From daily items to what they show, pure: unusual days with the group that drives them, trends, and
//! where the month leads.

use std::collections::BTreeMap;

use model::absence::{Absence, Absent};
use model::fact::CostItemRow;
use model::money::{Amount, Basis};
use model::time::Micros;

use super::day_shape::{
    CostAnomaly, CostAnomalyDriver, CostDays, CostForecast, CostScheduled, CostTrend,
};
use super::judge::Values;
use super::shape::CostGroup;
use super::sum::place;
use crate::ask::AskError;
use crate::exact::{estimated, minus, total};
use crate::series::anomaly::Anomaly;
use crate::series::false_discovery::adjusted;
use crate::series::trend::{Trend, is_trend, trend};
use crate::series::{NoAnswer, Sample};
use crate::spend::day::{Days, Nature};
use crate::spend::outlook::{Outlook, Progress, outlook};
use crate::spend::phasing::{month_after, month_by, month_of};
use crate::spend::unusual::{unusual_days, usual_before};

/// Most anomalies that are given.
const ANOMALIES_MAX: usize = 50;

/// An anomaly must differ by this share of what everything together uses in its days.
const MATERIAL: f64 = 0.01;

/// Groups that are searched for unusual days, the largest first.
const GROUPS_MAX: usize = 100;

/// Least relevant change of a trend.
const TREND_MIN: f64 = 0.1;

/// Daily items with the dimensions of the question first, then category, frequency and service.
pub(super) struct DailyFacts<'a> {
    pub rows: &'a [CostItemRow],
    /// How many dimensions the question has.
    pub width: usize,
    pub basis: Basis,
    /// Charges that start from here on may still change.
    pub settled: Micros,
    /// First day that is judged.
    pub from: Micros,
}

/// What the days of one currency show; `groups` are the groups of the answer.
pub(super) fn days_of(
    facts: &DailyFacts<'_>,
    currency: &str,
    groups: &[CostGroup],
) -> Result<CostDays, AskError> {
    let (all, of_group) = sets(facts, currency)?;
    let held: Vec<Micros> = all.usage.keys().copied().collect();
    let (from, settled) = (facts.from, facts.settled);
    let samples = all.samples(&held, from, settled);
    let mut largest: Vec<(&Values, &Days, f64)> = of_group
        .iter()
        .map(|(values, days)| (values, days, days.usage.values().map(|one| one.to_f64()).sum()))
        .collect();
    largest.sort_by(|a, b| b.2.total_cmp(&a.2));
    largest.truncate(GROUPS_MAX);
    let mut found = Vec::new();
    let outcome = unusual_days(&samples);
    let (reason, detail) = parted(outcome.as_ref().err().copied());
    for one in outcome.unwrap_or_default() {
        let mut anomaly = anomaly_of(&one, &samples, &all)?;
        anomaly.driver = driver_of(&one, &anomaly, &largest, &held, facts)?;
        found.push(anomaly);
    }
    for (values, days, _) in &largest {
        let own = days.samples(&held, from, settled);
        for one in unusual_days(&own).unwrap_or_default() {
            let mut anomaly = anomaly_of(&one, &own, days)?;
            anomaly.is_total = false;
            anomaly.values.clone_from(values);
            found.push(anomaly);
        }
    }
    found.retain(|one| is_material(one, &samples));
    found.sort_by(|a, b| {
        let size = |one: &CostAnomaly| one.excess.map_or(0, |excess| excess.0.unsigned_abs());
        (size(b), a.from, &a.values).cmp(&(size(a), b.from, &b.values))
    });
    found.truncate(ANOMALIES_MAX);
    Ok(CostDays {
        from: held.iter().find(|at| **at >= from).copied(),
        settled: (!held.is_empty()).then_some(settled),
        days: samples.len() as u64,
        anomalies: found,
        anomalies_reason: reason,
        anomalies_detail: detail,
        trends: trends_of(&samples, &of_group, groups, &held, facts),
        forecast: forecast_of(&all, &held, settled)?,
    })
}

/// Days of everything and of each group.
fn sets(
    facts: &DailyFacts<'_>,
    currency: &str,
) -> Result<(Days, BTreeMap<Values, Days>), AskError> {
    let basis = place(facts.basis);
    let mut all = Days::default();
    let mut of_group: BTreeMap<Values, Days> = BTreeMap::new();
    for row in facts.rows.iter().filter(|row| row.cost.currency == currency) {
        let (amount, rows) = row.cost.sums[basis];
        if rows == 0 {
            continue;
        }
        let value = |at: usize| row.cost.values.get(at).and_then(Option::as_deref);
        let nature = Nature {
            category: value(facts.width),
            frequency: value(facts.width + 1),
            of: value(facts.width + 2),
        };
        all.add(row, nature, amount)?;
        let values = row.cost.values.iter().take(facts.width).cloned().collect();
        of_group.entry(values).or_default().add(row, nature, amount)?;
    }
    Ok((all, of_group))
}

fn anomaly_of(one: &Anomaly, samples: &[Sample], days: &Days) -> Result<CostAnomaly, AskError> {
    let amount = total(days.usage.range(one.from..one.to).map(|(_, amount)| *amount))?;
    let expected = expected_of(samples, one.from, one.to);
    let excess = expected.map(|expected| minus(amount, expected)).transpose()?;
    Ok(CostAnomaly {
        values: Values::new(),
        is_total: true,
        from: one.from,
        to: one.to,
        days: one.buckets as u64,
        amount,
        expected,
        excess,
        score: one.peak.score.clamp(-1e6, 1e6),
        driver: None,
    })
}

/// What is usual for some days.
fn expected_of(samples: &[Sample], from: Micros, to: Micros) -> Option<Amount> {
    let usual = usual_before(samples, from)?;
    let days = samples.iter().filter(|one| from <= one.at && one.at < to);
    estimated(days.map(|one| usual.expected(one.at)).sum())
}

fn driver_of(
    one: &Anomaly,
    anomaly: &CostAnomaly,
    groups: &[(&Values, &Days, f64)],
    held: &[Micros],
    facts: &DailyFacts<'_>,
) -> Result<Option<CostAnomalyDriver>, AskError> {
    let sign = anomaly.excess.map_or(1, |excess| excess.0.signum());
    let mut best: Option<CostAnomalyDriver> = None;
    for (values, days, _) in groups {
        let samples = days.samples(held, facts.from, facts.settled);
        let used = total(days.usage.range(one.from..one.to).map(|(_, amount)| *amount))?;
        let Some(expected) = expected_of(&samples, one.from, one.to) else { continue };
        let excess = minus(used, expected)?;
        if best.as_ref().is_none_or(|best| excess.0 * sign > best.excess.0 * sign) {
            best = Some(CostAnomalyDriver { values: (*values).clone(), excess });
        }
    }
    Ok(best.filter(|best| best.excess.0 * sign > 0))
}

fn is_material(one: &CostAnomaly, all: &[Sample]) -> bool {
    let within = all.iter().filter(|day| one.from <= day.at && day.at < one.to);
    let used: f64 = within.map(|day| day.value.abs()).sum();
    one.excess.is_some_and(|excess| excess.to_f64().abs() >= MATERIAL * used)
}

/// Values of the dimensions, with their trend or why there is none.
type Named = (Values, Result<Trend, Absent>);

fn trends_of(
    samples: &[Sample],
    of_group: &BTreeMap<Values, Days>,
    groups: &[CostGroup],
    held: &[Micros],
    facts: &DailyFacts<'_>,
) -> Vec<CostTrend> {
    let mut named = vec![(Values::new(), trend_of(samples))];
    for group in groups.iter().filter(|group| group.others == 0) {
        let Some(days) = of_group.get(&group.values) else { continue };
        let own = days.samples(held, facts.from, facts.settled);
        named.push((group.values.clone(), trend_of(&own)));
    }
    let raw: Vec<f64> =
        named.iter().map(|(_, one)| one.as_ref().map_or(f64::NAN, |one| one.p)).collect();
    let p = adjusted(&raw);
    let made = |((place, (values, outcome)), p): ((usize, Named), f64)| {
        let is_total = place == 0;
        match outcome {
            Ok(one) => CostTrend {
                values,
                is_total,
                start: estimated(one.start),
                end: estimated(one.end),
                change_ratio: one.change_ratio(),
                change: estimated(one.change.low).zip(estimated(one.change.high)).map(Into::into),
                p: Some(p),
                is_trend: is_trend(&one, p, TREND_MIN, 0.01),
                reason: None,
                detail: None,
            },
            Err(why) => CostTrend {
                values,
                is_total,
                start: None,
                end: None,
                change_ratio: None,
                change: None,
                p: None,
                is_trend: false,
                reason: Some(why.reason),
                detail: why.detail,
            },
        }
    };
    named.into_iter().enumerate().zip(p).map(made).collect()
}

/// The trend without the days of the week.
fn trend_of(samples: &[Sample]) -> Result<Trend, Absent> {
    let plain: Vec<Sample> = match crate::series::baseline::Baseline::of(samples) {
        Ok(usual) => samples.iter().map(|one| usual.deseasonalised(*one)).collect(),
        Err(_) => samples.to_vec(),
    };
    trend(&plain).map_err(Absent::from)
}

/// Reason and detail of what cannot be said.
fn parted(why: Option<NoAnswer>) -> (Option<Absence>, Option<String>) {
    let why = why.map(Absent::from);
    (why.as_ref().map(|why| why.reason), why.and_then(|why| why.detail))
}

/// Where the month of the last settled day leads.
fn forecast_of(
    days: &Days,
    held: &[Micros],
    settled: Micros,
) -> Result<Option<CostForecast>, AskError> {
    if held.is_empty() {
        return Ok(None);
    }
    let from = month_of(settled.plus(-1));
    let progress = Progress { before: month_by(from, -1), from, settled, to: month_after(from) };
    outlook(days, held, progress).and_then(|one| forecast_shape(&one, progress)).map(Some)
}

/// An outlook as it stands in answers.
pub(super) fn forecast_shape(one: &Outlook, progress: Progress) -> Result<CostForecast, AskError> {
    let end = one.at_end()?;
    let (reason, detail) = parted(one.usage.as_ref().err().copied());
    let carried = one.usage.as_ref().ok();
    let scheduled = one.scheduled.iter().map(|sum| CostScheduled {
        category: sum.kind.category.clone(),
        frequency: sum.kind.frequency.clone(),
        service: sum.kind.of.clone(),
        charged: sum.charged,
        expected: sum.expected,
    });
    Ok(CostForecast {
        from: progress.from,
        to: progress.to,
        settled: progress.settled.clamp(progress.from, progress.to),
        actual: one.actual,
        scheduled: scheduled.collect(),
        scheduled_to_come: one.scheduled_to_come,
        usage_to_come: carried.map(|one| one.amount),
        amount: end.map(|end| end.0),
        low: end.map(|end| end.1),
        high: end.map(|end| end.2),
        method: carried.map(|one| one.method.clone()),
        tried: carried.map_or(0, |one| one.tried),
        reason,
        detail,
    })
}
