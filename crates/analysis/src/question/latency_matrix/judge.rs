//! From facts to the answer of `latency_matrix`, pure.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::envelope::{StoreFreshness, Warning};
use model::measure::Measure;
use model::time::Micros;

use super::fetch::{MatrixFacts, PairKey};
use super::harm::{change_ratio, harm, latency, usual};
use super::pair::{PairPeriod, PairSource, side, source};
use super::params::{LatencyMatrixParams, MatrixSide};
use super::reported::reported_pairs;
use super::shape::{
    LatencyMatrixAnswer, MatrixPair, MatrixState, MatrixSummary, MatrixUsual, MatrixValues,
};
use super::state::with_state;
use crate::ask::AskError;
use crate::calls::ratio;
use crate::grid::Grid;
use crate::judged_series::{
    CountsInput, SeriesAnomaly, SeriesFound, SeriesInput, SeriesSummary, Values, finished,
    judged_series,
};
use crate::parallel::in_parallel;
use crate::question::Draft;
use crate::series::percentile::{median, sorted};

/// Share of buckets that must hold a quantile for it to be judged.
const FILLED: f64 = 0.5;

/// Pairs of reported quantiles that are given.
const REPORTED_MAX: usize = 200;

/// What bins of durations tell apart.
const BIN_WIDTH: f64 = 0.02;

/// A pair before the trends of the answer are adjusted.
struct Judged {
    pair: MatrixPair,
    is_asynchronous: bool,
    least: f64,
}

/// Judges the facts.
pub(super) fn judged(
    params: &LatencyMatrixParams,
    facts: &MatrixFacts,
    now: Micros,
) -> Result<Draft<LatencyMatrixAnswer>, AskError> {
    let all: Vec<_> = facts.now.iter().collect();
    let one = |place: usize| {
        let (key, calls) = all.get(place)?;
        judged_pair(params, facts, **key, calls)
    };
    let judged = in_parallel(all.len(), one).into_iter().flatten();
    let (mut pairs, mut found): (Vec<_>, Vec<_>) = judged.unzip();
    let measured = pairs.len();
    for (pair, series) in reported(params, facts) {
        pairs.push(pair);
        found.push(series);
    }
    let complete = |(judged, summary): (Judged, SeriesSummary)| {
        let pair = with_state(judged.pair, judged.least, summary);
        Judged { pair, ..judged }
    };
    let mut pairs: Vec<Judged> = pairs.into_iter().zip(finished(found)).map(complete).collect();
    let reported = ranked_reported(pairs.split_off(measured));
    pairs.sort_by(|a, b| {
        let harm = |one: &Judged| one.pair.harm.total.value.unwrap_or(-1.0);
        let ids = |one: &Judged| (one.pair.from.clone(), one.pair.to.clone());
        harm(b)
            .total_cmp(&harm(a))
            .then(b.pair.calls.cmp(&a.pair.calls))
            .then_with(|| ids(a).cmp(&ids(b)))
    });
    let summary = summary(&pairs, facts);
    let (asynchronous, synchronous): (Vec<Judged>, Vec<Judged>) =
        pairs.into_iter().partition(|one| one.is_asynchronous);
    let total = synchronous.len();
    let (kept, next) = page(params, synchronous)?;
    let limit = params.limit.unwrap_or(1) as usize;
    let asynchronous_total = asynchronous.len();
    let answer = LatencyMatrixAnswer {
        summary,
        side: params.side.unwrap_or_default(),
        pairs: kept,
        asynchronous: asynchronous.into_iter().take(limit).map(|one| one.pair).collect(),
        reported,
    };
    let mut draft = Draft::new((), params.as_of.unwrap_or(now));
    draft.window = Some(facts.window);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.edges),
    ];
    if next.is_some() {
        draft.truncated.insert("pairs".to_owned(), total as u64);
    }
    if asynchronous_total > answer.asynchronous.len() {
        draft.truncated.insert("asynchronous".to_owned(), asynchronous_total as u64);
    }
    draft.next = next;
    draft.warnings = warnings(facts, &answer);
    draft.tables = answer.tables();
    Ok(draft.with(answer))
}

/// Pairs of which only quantiles are reported.
fn reported(params: &LatencyMatrixParams, facts: &MatrixFacts) -> Vec<(Judged, SeriesFound)> {
    let least = f64::from(params.least_percent.unwrap_or(10)) / 100.0;
    let is_wanted = |from: u32, to: u32| facts.wanted.contains(&from) || facts.wanted.contains(&to);
    let found = reported_pairs(
        &facts.estate,
        (facts.grid, facts.reported.as_slice()),
        &facts.reported_earlier,
        (params.side.unwrap_or_default(), least),
        is_wanted,
    );
    let held = |(pair, series)| (Judged { pair, is_asynchronous: false, least }, series);
    found.into_iter().map(held).collect()
}

/// Pairs of which only quantiles are reported: slower ones first, then by their farthest anomaly.
fn ranked_reported(reported: Vec<Judged>) -> Vec<MatrixPair> {
    let mut pairs: Vec<MatrixPair> = reported.into_iter().map(|one| one.pair).collect();
    pairs.sort_by(|a, b| {
        let far = |one: &MatrixPair| {
            one.summary.anomalies.iter().map(|one| one.score.abs()).fold(0.0, f64::max)
        };
        let ids = |one: &MatrixPair| (one.from.clone(), one.to.clone());
        a.state.cmp(&b.state).then(far(b).total_cmp(&far(a))).then_with(|| ids(a).cmp(&ids(b)))
    });
    pairs.truncate(REPORTED_MAX);
    pairs
}

/// A page of pairs, and where to go on.
fn page(
    params: &LatencyMatrixParams,
    pairs: Vec<Judged>,
) -> Result<(Vec<MatrixPair>, Option<String>), AskError> {
    let start = match &params.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .map_err(|_error| AskError::bad("cursor", "is not the `next` of an earlier answer"))?,
    };
    let limit = params.limit.unwrap_or(1) as usize;
    let end = start.saturating_add(limit);
    let next = (end < pairs.len()).then(|| end.to_string());
    Ok((pairs.into_iter().skip(start).take(limit).map(|one| one.pair).collect(), next))
}

fn judged_pair(
    params: &LatencyMatrixParams,
    facts: &MatrixFacts,
    (from, to, is_asynchronous): PairKey,
    calls: &[model::fact::CallSeriesFact],
) -> Option<(Judged, SeriesFound)> {
    let least = f64::from(params.least_percent.unwrap_or(10)) / 100.0;
    let held = source(calls)?;
    // A caller does not wait for a message: the callee's time is what it takes.
    let asked = if is_asynchronous { MatrixSide::Server } else { params.side.unwrap_or_default() };
    let side = side(calls, &held.source, asked);
    let fine = PairPeriod::of(calls, &held.source, side, facts.grid);
    let factor = fine.factor();
    let now = fine.condensed(factor);
    let earlier: Vec<PairPeriod> = facts
        .earlier
        .iter()
        .filter_map(|(grid, by_pair)| {
            let calls = by_pair.get(&(from, to, is_asynchronous))?;
            Some(PairPeriod::of(calls, &held.source, side, *grid).condensed(factor))
        })
        .collect();
    let share = judged_quantile(&now);
    let values = now.at_quantile(share);
    let found = found(&now, &earlier, &values, (share, least));
    let errors = errors_found(&now, &earlier, least);
    let usual = usual(&now, &earlier, &found.summary.changes);
    let harm = harm(&now, &usual);
    let entity = |one: u32| facts.estate.entity(one);
    let (count, failed) = now.totals(now.counts.len());
    let pair = MatrixPair {
        from: entity(from).id.clone(),
        from_name: entity(from).name.clone(),
        to: entity(to).id.clone(),
        to_name: entity(to).name.clone(),
        basis: "measured".to_owned(),
        calls: Some(count as u64),
        is_sampled: held.is_sampled,
        request_rate: rate(&held, count, now.grid),
        error_ratio: ratio(failed as u64, count as u64),
        latency: latency(&now.all_durations(now.durations.len())),
        change_ratio: change_ratio(&now, &usual),
        usual: MatrixUsual {
            latency: latency(&usual.durations),
            error_ratio: ratio(usual.errors as u64, usual.calls as u64),
            calls: Some(usual.calls as u64),
            made_from: usual.made_from.to_owned(),
        },
        source: held.source,
        other_sources: held.others,
        side,
        state: MatrixState::Unknown,
        reason: String::new(),
        since: None,
        since_earliest: None,
        since_latest: None,
        until: None,
        harm,
        values: values_of(&now, share, &values),
        summary: found.summary.clone(),
        error_anomalies: errors,
    };
    Some((Judged { pair, is_asynchronous, least }, found))
}

fn rate(held: &PairSource, calls: f64, grid: Grid) -> Measure {
    if held.is_sampled {
        return Measure::absent("/s", Absence::NotCollected.because("sampled"));
    }
    let seconds = grid.length() as f64 / 1e6;
    Measure::new(calls / seconds.max(1e-9), "/s").of(calls as u64)
}

/// The 95th percentile where most buckets with calls have one, else the median.
fn judged_quantile(now: &PairPeriod) -> f64 {
    let with_calls = now.durations.iter().flatten().count() as f64;
    let filled = now.at_quantile(0.95).iter().flatten().count() as f64;
    if with_calls > 0.0 && filled >= FILLED * with_calls { 0.95 } else { 0.5 }
}

fn found(
    now: &PairPeriod,
    earlier: &[PairPeriod],
    values: &Values,
    (share, least): (f64, f64),
) -> SeriesFound {
    let before: Vec<(Grid, Values)> =
        earlier.iter().map(|one| (one.grid, one.at_quantile(share))).collect();
    let level = median(&sorted(values.iter().copied().flatten())).unwrap_or_default();
    judged_series(&SeriesInput {
        grid: now.grid,
        values,
        earlier: &before,
        counts: None,
        unit: "s",
        resolution: (level * BIN_WIDTH).max(1e-4),
        least,
    })
}

/// When more calls failed than is usual.
fn errors_found(now: &PairPeriod, earlier: &[PairPeriod], least: f64) -> Vec<SeriesAnomaly> {
    let split = |one: &PairPeriod| -> (Values, Values) {
        one.counts
            .iter()
            .map(|pair| pair.map(|(calls, errors)| (errors, calls)))
            .map(Option::unzip)
            .unzip()
    };
    let shares = |(errors, calls): &(Values, Values)| -> Values {
        let ratio = |(errors, calls): (&Option<f64>, &Option<f64>)| {
            Some((*errors)? / calls.filter(|calls| *calls > 0.0)?)
        };
        errors.iter().zip(calls).map(ratio).collect()
    };
    let own = split(now);
    let before: Vec<(Grid, Values)> =
        earlier.iter().map(|one| (one.grid, shares(&split(one)))).collect();
    let counted: Vec<(f64, f64)> =
        earlier.iter().flat_map(|one| &one.counts).flatten().map(|one| (one.1, one.0)).collect();
    let found = judged_series(&SeriesInput {
        grid: now.grid,
        values: &shares(&own),
        earlier: &before,
        counts: Some(CountsInput { events: &own.0, exposure: &own.1, earlier: &counted }),
        unit: "1",
        resolution: 0.005,
        least,
    });
    found.summary.anomalies.into_iter().filter(|one| one.score > 0.0).collect()
}

fn values_of(now: &PairPeriod, share: f64, latency: &Values) -> MatrixValues {
    let of_counts = |value: fn((f64, f64)) -> Option<f64>| -> Values {
        now.counts.iter().map(|pair| pair.and_then(value)).collect()
    };
    MatrixValues {
        from: now.grid.from,
        step_seconds: now.grid.step_seconds(),
        quantile: share,
        latency: latency.clone(),
        calls: of_counts(|(calls, _)| Some(calls)),
        error_ratio: of_counts(|(calls, errors)| (calls > 0.0).then(|| errors / calls)),
    }
}

fn summary(pairs: &[Judged], facts: &MatrixFacts) -> MatrixSummary {
    let count = |state| pairs.iter().filter(|one| one.pair.state == state).count() as u64;
    let harmed: Vec<f64> = pairs.iter().filter_map(|one| one.pair.harm.total.value).collect();
    MatrixSummary {
        pairs: facts.pairs,
        judged: pairs.len() as u64,
        slower: count(MatrixState::Slower),
        faster: count(MatrixState::Faster),
        failing: pairs.iter().filter(|one| !one.pair.error_anomalies.is_empty()).count() as u64,
        harmed: match harmed.is_empty() {
            true => Measure::absent("count", Absence::NoData),
            false => Measure::new(harmed.iter().sum(), "count").of(harmed.len() as u64),
        },
        outside: facts.outside,
    }
}

fn warnings(facts: &MatrixFacts, answer: &LatencyMatrixAnswer) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = facts.warning.clone().into_iter().collect();
    if answer.summary.judged < answer.summary.pairs {
        let message = format!(
            "{} of {} pairs were judged, those with the most calls; narrow the place or name a \
             service for others",
            answer.summary.judged, answer.summary.pairs
        );
        warnings.push(Warning::new("not_looked_at", message));
    }
    let all = || answer.pairs.iter().chain(&answer.asynchronous);
    let sampled = all().filter(|one| one.is_sampled).count();
    if sampled > 0 {
        let message = format!(
            "calls of {sampled} pairs are known from spans of an unknown sample only; their numbers \
             stand for the sample"
        );
        warnings.push(Warning::new("sampled", message));
    }
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    all().for_each(|one| *made.entry(&one.usual.made_from).or_default() += 1);
    let own = made.iter().filter(|(from, _)| **from != "earlier").map(|one| one.1).sum::<u64>();
    if own > 0 {
        let message = format!(
            "{own} pairs have too few calls before the window; they are compared with the window \
             itself"
        );
        warnings.push(Warning::new("no_earlier_calls", message));
    }
    warnings
}
