//! From facts to the answer of `service_trends`, pure.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::envelope::{Coverage, StoreFreshness, Warning};
use model::measure::Measure;
use model::objective::Objective;
use model::time::Micros;

use super::fetch::TrendFacts;
use super::measured::MeasuredPeriod;
use super::objective::state;
use super::params::ServiceTrendsParams;
use super::requests::{PeriodFacts, origins};
use super::shape::{
    BurnVerdict, ObjectiveState, ServiceTrend, ServiceTrendsAnswer, TrendsApdex, TrendsGrid,
    TrendsSummary,
};
use super::signal::{Measures, latency, signal};
use crate::grid::Grid;
use crate::judged_series::{SeriesDirection, SeriesFound, finished};
use crate::parallel::in_parallel;
use crate::question::Draft;
use crate::series::apdex::apdex;

/// Judges the facts.
pub(super) fn judged(
    params: &ServiceTrendsParams,
    facts: &TrendFacts,
    now: Micros,
) -> Draft<ServiceTrendsAnswer> {
    let (mut services, found) = judged_services(params, facts);
    let mut summaries = finished(found).into_iter();
    for service in &mut services {
        let signals = std::mem::take(&mut service.signals);
        let finish = |one: super::shape::SignalTrend| match summaries.next() {
            Some(summary) => one.with(summary),
            None => one,
        };
        service.signals = signals.into_iter().map(finish).collect();
    }
    let grid = facts.now.grid.unwrap_or(Grid { from: now, step: 1, count: 0 });
    let answer = ServiceTrendsAnswer {
        summary: summary(&services, facts),
        grid: TrendsGrid {
            from: grid.from,
            step_seconds: grid.step_seconds(),
            buckets: grid.count as u64,
        },
        services,
    };
    let mut draft = Draft::new((), params.as_of.unwrap_or(now));
    draft.window = Some(facts.window);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.samples),
    ];
    let coverage = Coverage::new(facts.page.measured, facts.page.total);
    draft.coverage = BTreeMap::from([("requests".to_owned(), coverage)]);
    if facts.page.next.is_some() {
        draft.truncated.insert("services".to_owned(), facts.page.total);
    }
    draft.next.clone_from(&facts.page.next);
    draft.warnings = warnings(facts, &answer);
    draft.tables = answer.tables(!params.entity.is_empty());
    draft.with(answer)
}

fn judged_services(
    params: &ServiceTrendsParams,
    facts: &TrendFacts,
) -> (Vec<ServiceTrend>, Vec<SeriesFound>) {
    let Some(grid) = facts.now.grid else { return (Vec::new(), Vec::new()) };
    let now = facts.now.by_service(&facts.page, &facts.estate);
    let earlier: Vec<(Option<Grid>, Vec<PeriodFacts<'_>>)> = facts
        .earlier
        .iter()
        .map(|one| (one.grid, one.by_service(&facts.page, &facts.estate)))
        .collect();
    let past =
        facts.past.as_ref().map(|one| (one.grid, one.by_service(&facts.page, &facts.estate)));
    let budgets: BTreeMap<i64, Vec<PeriodFacts<'_>>> = facts
        .budgets
        .iter()
        .map(|(length, one)| (*length, one.by_service(&facts.page, &facts.estate)))
        .collect();
    let least = f64::from(params.least_percent.unwrap_or(10)) / 100.0;
    let one = |place: usize| {
        let of_window = now.get(place)?;
        let origins = origins(of_window, grid);
        let measured = |(grid, facts): &(Option<Grid>, Vec<PeriodFacts<'_>>)| {
            Some(MeasuredPeriod::of(facts.get(place)?, &origins, (*grid)?))
        };
        let measures = Measures {
            now: MeasuredPeriod::of(of_window, &origins, grid),
            earlier: earlier.iter().filter_map(measured).collect(),
            week_before: facts.week_before,
            past: past.as_ref().and_then(measured),
            origins: origins.clone(),
        };
        let objectives = facts.objectives.get(&place).map(Vec::as_slice).unwrap_or_default();
        let states: Vec<ObjectiveState> = objectives
            .iter()
            .map(|objective| state(objective, place, &facts.budgets, &budgets))
            .collect();
        let (mut signals, mut found) = (Vec::new(), Vec::new());
        for one in &params.signal {
            let (trend, judged) = signal(&measures, *one, least);
            signals.push(trend);
            found.push(judged);
        }
        let service = ServiceTrend {
            signals,
            apdex: apdex_of(objectives, &measures),
            objectives_reason: states.is_empty().then_some(Absence::NotConfigured),
            objectives: states,
            ..described(facts, place, &measures)
        };
        Some((service, found))
    };
    let judged = in_parallel(now.len(), one).into_iter().flatten();
    let (services, found): (Vec<_>, Vec<_>) = judged.unzip();
    (services, found.into_iter().flatten().collect())
}

fn described(facts: &TrendFacts, place: usize, measures: &Measures) -> ServiceTrend {
    let ordinal = facts.page.services.get(place).copied().unwrap_or_default();
    let entity = facts.estate.entity(ordinal);
    let is_sampled = measures.now.requests.as_ref().is_some_and(|one| one.is_sampled);
    let requests = match measures.now.count() {
        Some(count) => Measure::measured(count, "count").of(count.round() as u64),
        None => Measure::absent("count", Absence::NotCollected),
    };
    ServiceTrend {
        id: entity.id.clone(),
        name: entity.name.clone(),
        kind: entity.kind,
        environment: entity.scope.environment.clone(),
        owner: entity.owner.clone(),
        application: entity.application.clone(),
        requests,
        is_sampled,
        latency: latency(measures),
        signals: Vec::new(),
        apdex: apdex_of(&[], measures),
        objectives: Vec::new(),
        objectives_reason: None,
    }
}

/// Apdex of the window for the threshold of the first objective that states one.
fn apdex_of(objectives: &[(Objective, String)], measures: &Measures) -> TrendsApdex {
    let threshold = objectives.iter().find_map(|(objective, _)| objective.apdex_seconds);
    let absent = |reason: Absence| TrendsApdex {
        value: Measure::absent("1", reason),
        threshold_seconds: threshold,
        is_interpolated: false,
    };
    let Some(seconds) = threshold else { return absent(Absence::NotConfigured) };
    match apdex(&measures.now.all_durations, seconds) {
        None => absent(Absence::NoData),
        Some(found) => TrendsApdex {
            value: Measure::new(found.value, "1").of(found.total.round() as u64),
            threshold_seconds: threshold,
            is_interpolated: found.is_interpolated,
        },
    }
}

fn summary(services: &[ServiceTrend], facts: &TrendFacts) -> TrendsSummary {
    let signals = || services.iter().flat_map(|service| &service.signals);
    let going = |direction: SeriesDirection| {
        signals().filter(|one| one.summary.trend.direction == Some(direction)).count() as u64
    };
    let objectives = || services.iter().flat_map(|service| &service.objectives);
    let is_burning =
        |one: &&ObjectiveState| matches!(one.verdict, Some(BurnVerdict::Fast | BurnVerdict::Slow));
    TrendsSummary {
        services: facts.page.total,
        measured: facts.page.measured,
        rising: going(SeriesDirection::Rising),
        falling: going(SeriesDirection::Falling),
        changes: signals().map(|one| one.summary.changes.len() as u64).sum(),
        anomalies: signals().map(|one| one.summary.anomalies.len() as u64).sum(),
        burning: objectives().filter(is_burning).count() as u64,
        objectives: objectives().count() as u64,
    }
}

fn warnings(facts: &TrendFacts, answer: &ServiceTrendsAnswer) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = facts.warning.clone().into_iter().collect();
    let sampled = answer.services.iter().filter(|one| one.is_sampled).count();
    if sampled > 0 {
        let message = format!(
            "requests of {sampled} services are known from spans of an unknown sample only; they \
             give ratios and durations and no rate"
        );
        warnings.push(Warning::new("sampled", message));
    }
    if facts.unread > 0 {
        let message = format!("{} objectives could not be read", facts.unread);
        warnings.push(Warning::new("objectives_unread", message));
    }
    if facts.objectives_total == 0 && !answer.services.is_empty() {
        let message = "no service level objective is stated; attainment and burn are not \
                       configured";
        warnings.push(Warning::new("not_configured", message));
    }
    let several = answer
        .services
        .iter()
        .flat_map(|one| &one.signals)
        .filter(|one| !one.other_sources.is_empty())
        .count();
    if several > 0 {
        let message = format!(
            "{several} series come from one of several sources; the others are named beside them and \
             were not added"
        );
        warnings.push(Warning::new("several_sources", message));
    }
    warnings
}
