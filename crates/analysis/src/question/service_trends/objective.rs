//! How objectives stand: attainment over the rolling window, what is left of the error budget and how
//! fast it burns. Pure. Buckets without data are neither good nor bad.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::fact::{DurationSeriesFact, SeriesFact};
use model::measure::Measure;
use model::objective::{Indicator, Objective, SeriesSelector};
use model::series::SeriesType;
use model::time::Micros;

use super::period::Period;
use super::requests::{Origin, PeriodFacts, Way, durations, origins, requests, rises};
use super::shape::{BurnState, BurnVerdict, ObjectiveState};
use crate::grid::Grid;
use crate::judged_series::Values;
use crate::series::burn::{Events, RULES, Verdict, burn, verdict};
use crate::series::cumulative::up_to;

/// Longest rolling window.
const WINDOW_MAX: i64 = 400 * Micros::DAY;

/// The rolling window of an objective in microseconds, held between an hour and 400 days.
pub(super) fn window_micros(objective: &Objective) -> i64 {
    let micros = objective.window_seconds * Micros::SECOND as f64;
    if micros.is_finite() { (micros as i64).clamp(Micros::HOUR, WINDOW_MAX) } else { WINDOW_MAX }
}

/// Metrics that an objective names.
pub(super) fn metrics(objective: &Objective) -> Vec<String> {
    match &objective.indicator {
        Indicator::Ratio { good, bad, total } => {
            [good, bad, total].into_iter().flatten().map(|one| one.metric.clone()).collect()
        }
        Indicator::Latency { durations: Some(one), .. } => {
            vec![one.metric.clone(), format!("{}_bucket", one.metric)]
        }
        Indicator::Latency { .. } | Indicator::Unread { .. } => Vec::new(),
    }
}

/// Events of an objective by bucket of one period.
struct Counted {
    grid: Grid,
    events: Vec<Option<Events>>,
}

impl Counted {
    /// Events of the last `micros`.
    fn last(&self, micros: i64) -> Events {
        let from = self.grid.to().plus(-micros);
        let inside =
            self.events.iter().enumerate().filter(|(place, _)| self.grid.at(*place) >= from);
        inside.filter_map(|(_, events)| *events).fold(Events::default(), |sum, one| Events {
            bad: sum.bad + one.bad,
            total: sum.total + one.total,
        })
    }

    fn first(&self) -> Option<Micros> {
        self.events.iter().position(Option::is_some).map(|place| self.grid.at(place))
    }
}

/// The state of one objective of the service at `place` of the page.
pub(super) fn state(
    (objective, source): &(Objective, String),
    place: usize,
    periods: &BTreeMap<i64, Period>,
    facts: &BTreeMap<i64, Vec<PeriodFacts<'_>>>,
) -> ObjectiveState {
    let counted: BTreeMap<i64, Counted> = periods
        .iter()
        .filter_map(|(length, period)| {
            let of_service = facts.get(length)?.get(place)?;
            let grid = period.grid?;
            Some((*length, Counted { grid, events: events(objective, of_service, period, grid) }))
        })
        .collect();
    let rolling = window_micros(objective);
    let over = counted.get(&rolling).map(|one| one.last(rolling)).unwrap_or_default();
    let has_budget = objective.target > 0.0 && objective.target < 1.0;
    let reason = match &objective.indicator {
        Indicator::Unread { reason } => Absence::NotConfigured.because(reason.as_str()),
        _ if !has_budget => Absence::NotConfigured.because("the target leaves no error budget"),
        _ => Absence::NoData.into(),
    };
    let is_known = has_budget && over.total > 0.0;
    let good = 1.0 - (over.bad / over.total).clamp(0.0, 1.0);
    let figure = |value: f64| match is_known {
        true => Measure::new(value, "1").of(over.total.round() as u64),
        false => Measure::absent("1", reason.clone()),
    };
    let spent = burn(over, objective.target).unwrap_or(0.0);
    let burns: Vec<(BurnState, bool)> =
        RULES.iter().map(|rule| (rule_state(rule, objective, &counted), rule.is_fast)).collect();
    let (indicator, bound_seconds) = match &objective.indicator {
        Indicator::Ratio { .. } => ("ratio", None),
        Indicator::Latency { bound_seconds, .. } => ("latency", Some(*bound_seconds)),
        Indicator::Unread { .. } => ("unread", None),
    };
    ObjectiveState {
        name: objective.name.clone(),
        indicator: indicator.to_owned(),
        target: objective.target,
        bound_seconds,
        window_seconds: objective.window_seconds,
        owner: objective.owner.clone(),
        source: source.clone(),
        attainment: figure(good),
        is_missed: is_known.then_some(good < objective.target),
        budget_left: figure(1.0 - spent),
        events_from: counted.get(&rolling).and_then(Counted::first).map(Micros::timestamp),
        verdict: overall(&burns),
        burns: burns.into_iter().map(|one| one.0).collect(),
    }
}

fn overall(burns: &[(BurnState, bool)]) -> Option<BurnVerdict> {
    let is_burning = |is_fast: bool| {
        burns.iter().any(|(state, fast)| *fast == is_fast && state.is_burning == Some(true))
    };
    match (is_burning(true), is_burning(false)) {
        (true, _) => Some(BurnVerdict::Fast),
        (_, true) => Some(BurnVerdict::Slow),
        _ if burns.iter().any(|(state, _)| state.is_burning.is_some()) => Some(BurnVerdict::None),
        _ => None,
    }
}

fn rule_state(
    rule: &crate::series::burn::BurnRule,
    objective: &Objective,
    counted: &BTreeMap<i64, Counted>,
) -> BurnState {
    let over = |seconds: i64| {
        let micros = seconds * Micros::SECOND;
        // The shortest period that holds the window has the finest buckets.
        let period = counted.range(micros..).next().map(|one| one.1);
        period.map(|period| period.last(micros)).unwrap_or_default()
    };
    let (long, short) = (over(rule.long_seconds), over(rule.short_seconds));
    let verdict = verdict(rule, (long, short), objective.target, objective.window_seconds);
    let measure = |events: Events| match burn(events, objective.target) {
        Some(burn) => Measure::new(burn, "1").of(events.total.round() as u64),
        None => Measure::absent("1", Absence::NoData),
    };
    BurnState {
        long_seconds: rule.long_seconds,
        short_seconds: rule.short_seconds,
        limit: rule.limit_for(objective.window_seconds),
        long: match verdict {
            Verdict::TooFew(n) => {
                Measure::absent("1", Absence::TooLittleData.because(format!("too few, n = {n:.0}")))
            }
            _ => measure(long),
        },
        short: measure(short),
        is_burning: match verdict {
            Verdict::Burning => Some(true),
            Verdict::Calm => Some(false),
            Verdict::TooFew(_) => None,
        },
    }
}

/// Events by bucket.
fn events(
    objective: &Objective,
    facts: &PeriodFacts<'_>,
    period: &Period,
    grid: Grid,
) -> Vec<Option<Events>> {
    match &objective.indicator {
        Indicator::Ratio { total: Some(total), good, bad } => {
            let sum = |selector: &SeriesSelector| selected(period, selector, grid);
            let totals = sum(total);
            let (good, bad) = (good.as_ref().map(sum), bad.as_ref().map(sum));
            ratio_events(&totals, good.as_ref(), bad.as_ref())
        }
        Indicator::Ratio { total: None, .. } => {
            let Some(origin) = origins(facts, grid).requests else { return vec![None; grid.count] };
            let held = requests(facts, &origin, grid);
            ratio_events(&held.requests, None, Some(&held.errors).filter(|one| has_any(one)))
        }
        Indicator::Latency { bound_seconds, durations: selector } => match selector {
            Some(selector) => {
                let chosen = chosen(period, selector);
                latency_events(&chosen, *bound_seconds, grid)
            }
            None => latency_events(facts, *bound_seconds, grid),
        },
        Indicator::Unread { .. } => vec![None; grid.count],
    }
}

fn has_any(values: &Values) -> bool {
    values.iter().any(Option::is_some)
}

/// Of two ways to say it, bad events as counted, else all less the good ones. A bucket of which one side
/// is missing although requests came is all good, or all bad, by the other side's silence.
fn ratio_events(
    totals: &Values,
    good: Option<&Values>,
    bad: Option<&Values>,
) -> Vec<Option<Events>> {
    let at = |values: &Values, place: usize| values.get(place).copied().flatten();
    let one = |(place, total): (usize, &Option<f64>)| {
        let total = total.filter(|total| *total > 0.0)?;
        let bad = match (bad, good) {
            (Some(bad), _) => at(bad, place).unwrap_or(0.0),
            (None, Some(good)) => total - at(good, place).unwrap_or(0.0),
            (None, None) => return None,
        };
        Some(Events { bad: bad.clamp(0.0, total), total })
    };
    totals.iter().enumerate().map(one).collect()
}

/// The rise of all series that a selector means.
fn selected(period: &Period, selector: &SeriesSelector, grid: Grid) -> Values {
    let mut sum: Values = vec![None; grid.count];
    let is_meant = |one: &&SeriesFact| selector.is_match(&one.metric, &one.labels);
    for one in period.series.iter().filter(is_meant) {
        for (sum, more) in sum.iter_mut().zip(rises(one, grid)) {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or(0.0) + more);
            }
        }
    }
    sum
}

/// Durations that a selector means; its metric is the histogram's name.
fn chosen<'a>(period: &'a Period, selector: &SeriesSelector) -> PeriodFacts<'a> {
    let of_buckets =
        SeriesSelector { metric: format!("{}_bucket", selector.metric), ..selector.clone() };
    let is_bucket = |one: &&SeriesFact| {
        one.series_type == SeriesType::Bucket
            && (selector.is_match(&one.metric, &one.labels)
                || of_buckets.is_match(&one.metric, &one.labels))
    };
    let is_meant = |one: &&DurationSeriesFact| selector.is_match(&one.metric, &one.labels);
    PeriodFacts {
        series: period.series.iter().filter(is_bucket).collect(),
        durations: period.durations.iter().filter(is_meant).collect(),
        ..PeriodFacts::default()
    }
}

fn latency_events(facts: &PeriodFacts<'_>, bound: f64, grid: Grid) -> Vec<Option<Events>> {
    let origin = origins(facts, grid).durations.or_else(|| {
        // Buckets without a signal are read as seconds.
        facts.series.first().map(|one| Origin {
            way: Way::Classic,
            source: one.source.clone(),
            metric: one.metric.clone(),
        })
    });
    let Some(origin) = origin else { return vec![None; grid.count] };
    let found = durations(facts, &origin, grid);
    let one = |buckets: &Option<crate::series::cumulative::Cumulative>| {
        let buckets = buckets.as_ref()?;
        let total = buckets.last()?.1;
        let (good, _) = up_to(buckets, bound)?;
        (total > 0.0).then(|| Events { bad: (total - good).max(0.0), total })
    };
    found.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(target: f64, days: f64) -> Objective {
        Objective {
            name: "available".into(),
            target,
            window_seconds: days * 86_400.0,
            indicator: Indicator::Ratio { good: None, bad: None, total: None },
            owner: None,
            apdex_seconds: None,
        }
    }

    /// 99.9 % over 30 days; 1,000 requests a minute, of which 2 % fail for the last hour: a burn of 20 in
    /// both fast windows.
    #[test]
    fn a_bad_hour_burns_fast_and_spends_its_share() {
        let minute = Micros::MINUTE;
        let counted = |length: i64, step: i64| {
            let grid = Grid::ending(Micros(40 * Micros::DAY), length, step);
            let end = grid.to();
            let one = |place: usize| {
                let total = 1_000.0 * (step / minute) as f64;
                let bad_time = (end.0 - grid.at(place).0).min(60 * minute).min(step);
                let is_bad = end.0 - grid.at(place).0 <= 60 * minute.max(step);
                let bad = if is_bad { 20.0 * (bad_time / minute) as f64 } else { 0.0 };
                Some(Events { bad, total })
            };
            (length, Counted { grid, events: (0..grid.count).map(one).collect() })
        };
        let held: BTreeMap<i64, Counted> = [
            counted(6 * Micros::HOUR, minute),
            counted(3 * Micros::DAY, 15 * minute),
            counted(30 * Micros::DAY, 2 * Micros::HOUR),
        ]
        .into_iter()
        .collect();
        let objective = objective(0.999, 30.0);
        let states: Vec<BurnState> =
            RULES.iter().map(|rule| rule_state(rule, &objective, &held)).collect();
        assert!((states[0].long.value.unwrap() - 20.0).abs() < 1e-6, "{states:?}");
        assert_eq!(states[0].is_burning, Some(true));
        // A sixth of six hours: 20/6 = 3.3 is below 6.
        assert!((states[1].long.value.unwrap() - 20.0 / 6.0).abs() < 1e-6);
        assert_eq!(states[1].is_burning, Some(false));
        let all: Vec<(BurnState, bool)> =
            states.into_iter().zip(RULES.iter().map(|rule| rule.is_fast)).collect();
        assert_eq!(overall(&all), Some(BurnVerdict::Fast));
    }

    /// Without a total of its own, an objective on ratios is about the service's requests; a series that
    /// is silent is neither good nor bad.
    #[test]
    fn missing_data_is_neither_good_nor_bad() {
        let totals = vec![Some(100.0), None, Some(50.0), Some(0.0)];
        let bad = vec![Some(1.0), Some(3.0), None, None];
        let found = ratio_events(&totals, None, Some(&bad));
        let pairs: Vec<Option<(f64, f64)>> =
            found.iter().map(|one| one.map(|events| (events.bad, events.total))).collect();
        assert_eq!(pairs, [Some((1.0, 100.0)), None, Some((0.0, 50.0)), None]);
        let good = vec![Some(99.0), None, Some(60.0), None];
        let found = ratio_events(&totals, Some(&good), None);
        assert_eq!(found[0].map(|one| one.bad), Some(1.0));
        assert_eq!(found[2].map(|one| one.bad), Some(0.0));
        assert!(ratio_events(&totals, None, None).iter().all(Option::is_none));
    }

    #[test]
    fn windows_are_held_and_metrics_are_named() {
        assert_eq!(window_micros(&objective(0.9, 30.0)), 30 * Micros::DAY);
        assert_eq!(window_micros(&objective(0.9, 0.0)), Micros::HOUR);
        assert_eq!(window_micros(&objective(0.9, f64::NAN)), WINDOW_MAX);
        let selector = SeriesSelector { metric: "h".into(), labels: Default::default() };
        let indicator = Indicator::Latency { bound_seconds: 0.3, durations: Some(selector) };
        let found = metrics(&Objective { indicator, ..objective(0.9, 1.0) });
        assert_eq!(found, ["h", "h_bucket"]);
    }
}
