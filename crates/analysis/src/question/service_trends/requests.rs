//! Requests of one service in buckets: how many, how many failed and how long they took, from the one
//! source that knows most. Pure. Order of sources for counts: counters of requests, rates as reported,
//! counts of duration histograms, spans. For durations: single values and native histograms, classic
//! buckets, spans, reported quantiles. They are never added to each other.

use std::collections::{BTreeMap, BTreeSet};

use model::fact::{CallSeriesFact, DurationSeriesFact, RootSeriesFact, SeriesBucket, SeriesFact};
use model::series::{Bin, SeriesType};
use model::span::SpanKind;
use model::time::Micros;

use crate::calls::SPANS;
use crate::grid::Grid;
use crate::judged_series::Values;
use crate::series::cumulative::{Cumulative, cumulative};

/// Facts of one service over one period.
#[derive(Debug, Clone, Default)]
pub(super) struct PeriodFacts<'a> {
    /// Series of the service and of what runs it.
    pub series: Vec<&'a SeriesFact>,
    /// Durations of the same.
    pub durations: Vec<&'a DurationSeriesFact>,
    /// Calls to it.
    pub calls: Vec<&'a CallSeriesFact>,
    /// Spans of it without a parent.
    pub roots: Vec<&'a RootSeriesFact>,
}

/// Which source answers for one thing: source, and metric or `spans`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    /// How the figures are read.
    pub way: Way,
    /// Source.
    pub source: String,
    /// Metric; `spans` of spans.
    pub metric: String,
}

/// How figures are read, in order of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// Counters of requests and of errors.
    Counters,
    /// Requests per second as reported.
    Rate,
    /// Single durations and native histograms.
    Bins,
    /// Classic histograms.
    Classic,
    /// Spans and calls.
    Spans,
    /// Quantiles that the sender computed; of durations only.
    Reported,
}

/// Requests in buckets.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Requests {
    /// How many a bucket.
    pub requests: Values,
    /// How many of them failed.
    pub errors: Values,
    /// Per second; nothing where the sample is unknown.
    pub rate: Values,
    /// Whether the counts are of an unknown sample.
    pub is_sampled: bool,
}

/// Where figures come from, by what they are, with the sources that were left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Origins {
    /// Of requests.
    pub requests: Option<Origin>,
    /// Of durations.
    pub durations: Option<Origin>,
    /// Others of requests.
    pub requests_others: Vec<String>,
    /// Others of durations.
    pub durations_others: Vec<String>,
}

/// The source with the most buckets answers, then the one of better rank, then the first by name.
pub(super) fn origins(facts: &PeriodFacts<'_>, grid: Grid) -> Origins {
    let mut counts: BTreeMap<Origin, BTreeSet<Micros>> = BTreeMap::new();
    let mut durations: BTreeMap<Origin, BTreeSet<Micros>> = BTreeMap::new();
    for one in &facts.series {
        let instants = || one.buckets.iter().map(|bucket| bucket.at.floor_to(grid.step));
        let origin = |way| Origin { way, source: one.source.clone(), metric: one.metric.clone() };
        match (one.signal.as_deref(), one.series_type) {
            (Some("request_count"), SeriesType::Counter | SeriesType::Delta) => {
                counts.entry(origin(Way::Counters)).or_default().extend(instants());
            }
            (Some("request_rate"), SeriesType::Gauge) => {
                counts.entry(origin(Way::Rate)).or_default().extend(instants());
            }
            (Some("latency_seconds"), SeriesType::Bucket) => {
                counts.entry(origin(Way::Classic)).or_default().extend(instants());
                durations.entry(origin(Way::Classic)).or_default().extend(instants());
            }
            (Some("latency_seconds"), SeriesType::Quantile) => {
                durations.entry(origin(Way::Reported)).or_default().extend(instants());
            }
            _ => {}
        }
    }
    for one in &facts.durations {
        let origin =
            Origin { way: Way::Bins, source: one.source.clone(), metric: one.metric.clone() };
        let instants = || one.buckets.iter().map(|bucket| bucket.0);
        counts.entry(origin.clone()).or_default().extend(instants());
        durations.entry(origin).or_default().extend(instants());
    }
    for (source, instants, with_durations) in span_sources(facts) {
        let origin = Origin { way: Way::Spans, source, metric: SPANS.to_owned() };
        if with_durations {
            durations.entry(origin.clone()).or_default().extend(&instants);
        }
        counts.entry(origin).or_default().extend(instants);
    }
    let (requests, requests_others) = best(&counts);
    let (durations, durations_others) = best(&durations);
    Origins { requests, durations, requests_others, durations_others }
}

fn span_sources(facts: &PeriodFacts<'_>) -> Vec<(String, BTreeSet<Micros>, bool)> {
    let mut found: BTreeMap<String, (BTreeSet<Micros>, bool)> = BTreeMap::new();
    for one in &facts.calls {
        let held = found.entry(source_of(&one.origin)).or_default();
        held.0.extend(one.buckets.iter().map(|bucket| bucket.at));
        held.1 |= one.buckets.iter().any(|bucket| !bucket.server_bins.is_empty());
    }
    for one in facts.roots.iter().filter(|one| is_request(one.kind)) {
        let held = found.entry(SPANS.to_owned()).or_default();
        held.0.extend(one.buckets.iter().map(|bucket| bucket.at));
        held.1 |= one.buckets.iter().any(|bucket| !bucket.bins.is_empty());
    }
    found.into_iter().map(|(source, (instants, bins))| (source, instants, bins)).collect()
}

fn source_of(origin: &str) -> String {
    if origin.is_empty() { SPANS.to_owned() } else { origin.to_owned() }
}

/// Spans without a parent that are requests to the service.
fn is_request(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Server | SpanKind::Consumer)
}

fn best(found: &BTreeMap<Origin, BTreeSet<Micros>>) -> (Option<Origin>, Vec<String>) {
    // Nearly as complete counts as complete: sources begin and end at slightly different instants.
    let most = found.values().map(BTreeSet::len).max().unwrap_or_default();
    let is_complete = |held: &BTreeSet<Micros>| held.len() * 10 >= most * 9;
    let chosen =
        found.iter().find(|(_, held)| !held.is_empty() && is_complete(held)).map(|one| one.0);
    let others: BTreeSet<String> = found
        .keys()
        .map(|one| one.source.clone())
        .filter(|source| chosen.is_some_and(|chosen| chosen.source != *source))
        .collect();
    (chosen.cloned(), others.into_iter().collect())
}

/// Requests of a period, read as on the window.
pub(super) fn requests(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Requests {
    match origin.way {
        Way::Counters => counted(facts, origin, grid),
        Way::Rate => reported(facts, origin, grid),
        Way::Bins | Way::Classic => {
            let durations = durations(facts, origin, grid);
            let count = |held: &Option<Cumulative>| held.as_ref()?.last().map(|last| last.1);
            let requests: Values = durations.iter().map(count).collect();
            with_rate(requests, vec![None; grid.count], grid, false)
        }
        Way::Spans | Way::Reported => of_spans(facts, origin, grid),
    }
}

fn with_rate(requests: Values, errors: Values, grid: Grid, is_sampled: bool) -> Requests {
    let second = grid.step_seconds();
    let per_second = |count: &Option<f64>| count.filter(|_| !is_sampled).map(|n| n / second);
    let rate = requests.iter().map(per_second).collect();
    Requests { requests, errors, rate, is_sampled }
}

/// Rise of counters in each bucket. A rise over a gap belongs to all buckets of the gap: each gets its
/// share, so that a rate is a rate however seldom a counter is read.
pub(super) fn rises(series: &SeriesFact, grid: Grid) -> Values {
    let mut values = vec![None; grid.count];
    let mut before: Option<&SeriesBucket> = None;
    for bucket in &series.buckets {
        let value = match (series.series_type, before) {
            (SeriesType::Delta, _) => Some((bucket.sum, 1)),
            (_, Some(before)) => {
                let apart = (bucket.at.0 - before.at.0).div_euclid(grid.step).max(1);
                Some((bucket.increase / apart as f64, apart))
            }
            // Of the first bucket the rise since the value before it is known only when there is one.
            (_, None) if bucket.increase > 0.0 => Some((bucket.increase, 1)),
            (_, None) => None,
        };
        before = Some(bucket);
        let Some((value, apart)) = value.filter(|value| value.0.is_finite()) else { continue };
        for back in 0..apart {
            let at = bucket.at.plus(-(back * grid.step));
            if let Some(held) = grid.place(at).and_then(|place| values.get_mut(place)) {
                *held = Some(held.unwrap_or(0.0) + value.max(0.0));
            }
        }
    }
    values
}

fn added(sum: &mut Values, more: &Values) {
    for (sum, more) in sum.iter_mut().zip(more) {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or(0.0) + more);
        }
    }
}

/// Requests of one metric are those that succeeded, or all that are counted, and those that failed.
fn counted(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Requests {
    let mut requests = vec![None; grid.count];
    let mut errors = vec![None; grid.count];
    let (mut has_errors, mut apart) = (false, vec![None; grid.count]);
    let of_source = facts.series.iter().filter(|one| one.source == origin.source);
    for one in of_source {
        match one.signal.as_deref() {
            Some("request_count") if one.metric == origin.metric => {
                added(&mut requests, &rises(one, grid));
            }
            Some("error_count") if one.metric == origin.metric => {
                has_errors = true;
                let rises = rises(one, grid);
                added(&mut requests, &rises);
                added(&mut errors, &rises);
            }
            // Errors counted by a metric of their own are among the requests.
            Some("error_count") => added(&mut apart, &rises(one, grid)),
            _ => {}
        }
    }
    if !has_errors {
        errors = apart;
    }
    // No series of errors says nothing; one that is silent beside requests says that none failed.
    if errors.iter().any(Option::is_some) {
        for (errors, requests) in errors.iter_mut().zip(&requests) {
            if errors.is_none() && requests.is_some() {
                *errors = Some(0.0);
            }
        }
    }
    with_rate(requests, errors, grid, false)
}

fn mean_bucket(bucket: &SeriesBucket) -> f64 {
    bucket.sum / bucket.count.max(1) as f64
}

fn reported(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Requests {
    let mut rate: Values = vec![None; grid.count];
    let mut ratio: Values = vec![None; grid.count];
    for one in facts.series.iter().filter(|one| one.source == origin.source) {
        let held = match one.signal.as_deref() {
            Some("request_rate") if one.metric == origin.metric => &mut rate,
            Some("error_ratio") if one.series_type == SeriesType::Gauge => &mut ratio,
            _ => continue,
        };
        for bucket in &one.buckets {
            let place = grid.place(bucket.at);
            if let Some(held) = place.and_then(|place| held.get_mut(place)) {
                *held = Some(held.unwrap_or(0.0) + mean_bucket(bucket));
            }
        }
    }
    let second = grid.step_seconds();
    let requests: Values = rate.iter().map(|rate| rate.map(|rate| rate * second)).collect();
    let errors = requests.iter().zip(&ratio).map(|(n, ratio)| Some((*n)? * (*ratio)?)).collect();
    Requests { requests, errors, rate, is_sampled: false }
}

/// Calls to the service and requests without a caller. In a bucket in which the source saw others but
/// not this one there was no request.
fn of_spans(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Requests {
    let mut requests = vec![None; grid.count];
    let mut errors = vec![None; grid.count];
    let mut is_scaled = true;
    let mut add = |at: Micros, count: u64, failed: u64| {
        let Some(place) = grid.place(at) else { return };
        for (values, count) in [(&mut requests, count), (&mut errors, failed)] {
            if let Some(held) = values.get_mut(place) {
                *held = Some(held.unwrap_or(0.0) + count as f64);
            }
        }
    };
    for one in facts.calls.iter().filter(|one| source_of(&one.origin) == origin.source) {
        is_scaled &= one.is_scaled;
        one.buckets.iter().for_each(|bucket| add(bucket.at, bucket.calls, bucket.errors));
    }
    if origin.source == SPANS {
        for one in facts.roots.iter().filter(|one| is_request(one.kind)) {
            is_scaled &= one.is_scaled;
            one.buckets.iter().for_each(|bucket| add(bucket.at, bucket.requests, bucket.errors));
        }
    }
    with_rate(requests, errors, grid, !is_scaled)
}

/// Durations of a period by bucket, as cumulative counts.
pub(super) fn durations(
    facts: &PeriodFacts<'_>,
    origin: &Origin,
    grid: Grid,
) -> Vec<Option<Cumulative>> {
    match origin.way {
        Way::Classic => return classic(facts, origin, grid),
        Way::Reported => return vec![None; grid.count],
        _ => {}
    }
    let mut bins: Vec<BTreeMap<Bin, u64>> = vec![BTreeMap::new(); grid.count];
    let mut add = |at: Micros, more: &[(Bin, u64)]| {
        let Some(held) = grid.place(at).and_then(|place| bins.get_mut(place)) else { return };
        for (bin, count) in more {
            let sum = held.entry(*bin).or_default();
            *sum = sum.saturating_add(*count);
        }
    };
    match origin.way {
        Way::Bins => {
            let of_origin = |one: &&&DurationSeriesFact| {
                one.source == origin.source && one.metric == origin.metric
            };
            for one in facts.durations.iter().filter(of_origin) {
                one.buckets.iter().for_each(|(at, bins)| add(*at, bins));
            }
        }
        _ => {
            for one in facts.calls.iter().filter(|one| source_of(&one.origin) == origin.source) {
                one.buckets.iter().for_each(|bucket| add(bucket.at, &bucket.server_bins));
            }
            for one in facts.roots.iter().filter(|one| is_request(one.kind)) {
                if origin.source == SPANS {
                    one.buckets.iter().for_each(|bucket| add(bucket.at, &bucket.bins));
                }
            }
        }
    }
    let found = |bins: BTreeMap<Bin, u64>| (!bins.is_empty()).then(|| cumulative(bins));
    bins.into_iter().map(found).collect()
}

fn classic(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Vec<Option<Cumulative>> {
    let mut by_bound: BTreeMap<u64, (f64, Values)> = BTreeMap::new();
    for one in &facts.series {
        if one.series_type != SeriesType::Bucket
            || one.source != origin.source
            || one.metric != origin.metric
        {
            continue;
        }
        let bound = one.labels.get("le").and_then(|le| match le.as_str() {
            "+Inf" | "Inf" => Some(f64::INFINITY),
            text => text.parse::<f64>().ok().filter(|bound| *bound >= 0.0),
        });
        let Some(bound) = bound else { continue };
        // Bounds are not below 0, so their bits are in their order.
        let held = by_bound.entry(bound.to_bits()).or_insert((bound, vec![None; grid.count]));
        added(&mut held.1, &rises(one, grid));
    }
    let bucket = |place: usize| {
        let mut cumulative: Cumulative = Vec::with_capacity(by_bound.len());
        let mut most = 0.0_f64;
        for (bound, values) in by_bound.values() {
            // Counts of one read may lag another's, so the cumulative counts are made to rise.
            most = most.max(values.get(place).copied().flatten().unwrap_or(0.0));
            cumulative.push((*bound, most));
        }
        let is_whole = cumulative.last().is_some_and(|last| last.0.is_infinite());
        (is_whole && most > 0.0).then_some(cumulative)
    };
    (0..grid.count).map(bucket).collect()
}

#[cfg(test)]
mod tests;
