//! One signal of one service: its values, what is found of them, how they compare and what comes next.
//! Pure.

use model::absence::{Absence, Absent};
use model::measure::Measure;
use model::time::Micros;

use super::measured::MeasuredPeriod;
use super::params::TrendSignal;
use super::requests::Origins;
use super::shape::{SignalTrend, TrendForecast, TrendForecastPoint};
use crate::calls::Latency;
use crate::grid::Grid;
use crate::judged_series::{
    CountsInput, SeriesComparison, SeriesFound, SeriesInput, SeriesSummary, Values, compared,
    judged_series, mean_of,
};
use crate::series::Sample;
use crate::series::cumulative::quantile;
use crate::series::forecast::{LEVEL, forecast};
use crate::series::percentile::{median, sorted};

/// How far ahead a forecast goes.
const AHEAD: i64 = 7 * Micros::DAY;

/// Signals that are forecast; the others follow them.
const FORECAST: [TrendSignal; 3] =
    [TrendSignal::RequestRate, TrendSignal::LatencyP95, TrendSignal::Saturation];

/// Everything about one service.
pub(super) struct Measures {
    /// Sources of the window.
    pub origins: Origins,
    /// The window.
    pub now: MeasuredPeriod,
    /// Earlier periods, the nearest first.
    pub earlier: Vec<MeasuredPeriod>,
    /// Which of them is a week earlier.
    pub week_before: Option<usize>,
    /// The last 28 days.
    pub past: Option<MeasuredPeriod>,
}

/// One signal, with what is found of it but not yet adjusted.
pub(super) fn signal(
    measures: &Measures,
    signal: TrendSignal,
    least: f64,
) -> (SignalTrend, SeriesFound) {
    let unit = signal.unit();
    let values = measures.now.values(signal);
    let earlier: Vec<(Grid, Values)> =
        measures.earlier.iter().map(|one| (one.grid, one.values(signal))).collect();
    let counts = measures.now.counts(signal);
    let counts_earlier: Vec<(f64, f64)> = measures
        .earlier
        .iter()
        .filter_map(|one| one.counts(signal))
        .flat_map(|(events, exposure)| events.into_iter().zip(exposure))
        .filter_map(|(events, exposure)| Some((events?, exposure?)))
        .collect();
    let level = median(&sorted(values.iter().copied().flatten())).unwrap_or_default();
    let found = judged_series(&SeriesInput {
        grid: measures.now.grid,
        values: &values,
        earlier: &earlier,
        counts: counts.as_ref().map(|(events, exposure)| CountsInput {
            events,
            exposure,
            earlier: &counts_earlier,
        }),
        unit,
        resolution: measures.now.resolution(signal, level),
        least,
    });
    let origin = origin(measures, signal);
    let (forecast, no_forecast) = next(measures, signal);
    let is_empty = values.iter().all(Option::is_none);
    let empty = is_empty.then(|| absence(measures, signal));
    let is_reported = signal.quantile().is_some() && !measures.now.reported.is_empty();
    let basis = if is_reported { "reported" } else { "measured" };
    let trend = SignalTrend {
        signal,
        unit: unit.to_owned(),
        source: origin.as_ref().map(|one| one.0.clone()),
        metric: origin.map(|one| one.1),
        basis: basis.to_owned(),
        other_sources: others(measures, signal),
        reason: empty.as_ref().map(|why| why.reason),
        detail: empty.and_then(|why| why.detail),
        values: values.into_iter().map(|value| value.filter(|one| one.is_finite())).collect(),
        summary: found.summary.clone(),
        comparisons: comparisons(measures, signal),
        forecast,
        forecast_reason: no_forecast.as_ref().map(|why| why.reason),
        forecast_detail: no_forecast.and_then(|why| why.detail),
    };
    (trend, found)
}

impl SignalTrend {
    /// The same with its adjusted summary.
    pub(super) fn with(self, summary: SeriesSummary) -> Self {
        Self { summary, ..self }
    }
}

/// Percentiles of all durations of the window.
pub(super) fn latency(measures: &Measures) -> Latency {
    let at = |share: f64| match quantile(&measures.now.all_durations, share) {
        _ if !measures.now.reported.is_empty() => {
            Measure::absent("s", Absence::NotCollected.because("reported quantiles only"))
        }
        _ if measures.now.all_durations.is_empty() => Measure::absent("s", Absence::NotCollected),
        Ok(value) => {
            let n = measures.now.all_durations.last().map_or(0.0, |last| last.1);
            Measure::new(value, "s").of(n.round() as u64)
        }
        Err(few) => Measure::absent("s", few),
    };
    Latency { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

fn origin(measures: &Measures, signal: TrendSignal) -> Option<(String, String)> {
    let pair = |one: &super::requests::Origin| (one.source.clone(), one.metric.clone());
    match signal {
        TrendSignal::Saturation => measures.now.saturation.origin.clone(),
        TrendSignal::RequestRate | TrendSignal::ErrorRatio => {
            measures.origins.requests.as_ref().map(pair)
        }
        _ => measures.origins.durations.as_ref().map(pair),
    }
}

fn others(measures: &Measures, signal: TrendSignal) -> Vec<String> {
    match signal {
        TrendSignal::Saturation => Vec::new(),
        TrendSignal::RequestRate | TrendSignal::ErrorRatio => {
            measures.origins.requests_others.clone()
        }
        _ => measures.origins.durations_others.clone(),
    }
}

/// Why a signal has no value at all.
fn absence(measures: &Measures, signal: TrendSignal) -> Absent {
    let now = &measures.now;
    match signal {
        TrendSignal::RequestRate if now.requests.as_ref().is_some_and(|one| one.is_sampled) => {
            Absence::NotCollected.because("sampled")
        }
        TrendSignal::RequestRate | TrendSignal::ErrorRatio if now.requests.is_some() => {
            Absence::NoData.into()
        }
        _ if signal.quantile().is_some() && now.durations.iter().any(Option::is_some) => {
            let counts = now.durations.iter().flatten().filter_map(|one| Some(one.last()?.1));
            let most = counts.fold(0.0, f64::max);
            Absence::TooLittleData.because(format!("too few, n = {most:.0}"))
        }
        _ => Absence::NotCollected.into(),
    }
}

fn comparisons(measures: &Measures, signal: TrendSignal) -> Vec<SeriesComparison> {
    let now = measures.now.whole(signal);
    let compare = |period: &str, earlier: &MeasuredPeriod| {
        compared(period, earlier.grid, (now, earlier.whole(signal)), signal.unit())
    };
    let previous = measures.earlier.first().map(|one| compare("previous", one));
    let week = measures.week_before.and_then(|place| measures.earlier.get(place));
    previous.into_iter().chain(week.map(|one| compare("week_before", one))).collect()
}

/// What comes next, or why that is not known.
fn next(measures: &Measures, signal: TrendSignal) -> (Option<TrendForecast>, Option<Absent>) {
    let Some(past) = &measures.past else {
        return (None, Some(Absence::NotApplicable.because("not asked for")));
    };
    if !FORECAST.contains(&signal) {
        return (None, Some(Absence::NotApplicable.into()));
    }
    let values = past.values(signal);
    if mean_of(&values).is_none() {
        return (None, Some(Absence::NoData.into()));
    }
    let samples: Vec<Sample> = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some(Sample { at: past.grid.at(place), value: (*value)? }))
        .collect();
    let steps = usize::try_from(AHEAD / past.grid.step.max(1)).unwrap_or(1);
    let found = match forecast(&samples, past.grid.step, steps) {
        Ok(found) => found,
        Err(few) => return (None, Some(few.into())),
    };
    // None of these falls below 0, and a ratio of use does not pass its limit by much for long.
    let held = |value: f64| value.max(0.0);
    let point = |one: &crate::series::forecast::ForecastPoint| TrendForecastPoint {
        at: one.at,
        value: held(one.value.value),
        low: held(one.value.low),
        high: held(one.value.high),
    };
    let forecast = TrendForecast {
        method: found.method.as_str().to_owned(),
        level: LEVEL,
        coverage: found.coverage,
        tried: found.tried as u64,
        step_seconds: past.grid.step_seconds(),
        points: found.points.iter().map(point).collect(),
    };
    (Some(forecast), None)
}
