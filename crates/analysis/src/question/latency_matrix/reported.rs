//! Pairs of which only quantiles are known, as senders report them: each series against its own past.
//! Nothing says how many calls there were, so nothing says how many were harmed. Pure.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::fact::SeriesFact;
use model::kind::EntityKind;
use model::measure::Measure;
use model::series::SeriesType;

use super::params::MatrixSide;
use super::shape::{MatrixHarm, MatrixPair, MatrixState, MatrixUsual, MatrixValues};
use crate::calls::Latency;
use crate::estate::Estate;
use crate::grid::Grid;
use crate::judged_series::{SeriesFound, SeriesInput, Values, judged_series};
use crate::series::percentile::{median, sorted};

/// Metrics under which tools report quantiles of calls, by whose view they are.
pub(super) const METRICS: [(&str, MatrixSide); 2] = [
    ("traces_service_graph_request_client_seconds", MatrixSide::Client),
    ("traces_service_graph_request_server_seconds", MatrixSide::Server),
];

/// Quantiles in the order in which one is chosen for a pair.
const QUANTILES: [f64; 4] = [0.95, 0.9, 0.99, 0.5];

/// Pairs that are judged.
const PAIRS_MAX: usize = 1_000;

/// Caller, callee, and whether it is the other view than the one asked for.
type Key = (u32, u32, bool);

/// What is reported of one pair.
struct PairSeries<'a> {
    side: MatrixSide,
    quantile: f64,
    series: &'a SeriesFact,
}

/// Judges the reported series of a window against those of earlier periods; in order of ids.
pub(super) fn reported_pairs(
    estate: &Estate,
    (grid, now): (Grid, &[SeriesFact]),
    earlier: &[(Grid, Vec<SeriesFact>)],
    (asked, least): (MatrixSide, f64),
    is_wanted: impl Fn(u32, u32) -> bool,
) -> Vec<(MatrixPair, SeriesFound)> {
    let chosen = chosen(estate, now, asked);
    let wanted = chosen.into_iter().filter(|((from, to), _)| is_wanted(*from, *to));
    wanted
        .take(PAIRS_MAX)
        .map(|((from, to), held)| {
            let values = latest(held.series, grid);
            let same = |other: &&SeriesFact| {
                other.metric == held.series.metric
                    && other.labels == held.series.labels
                    && other.source == held.series.source
            };
            let before: Vec<(Grid, Values)> = earlier
                .iter()
                .filter_map(|(grid, all)| Some((*grid, latest(all.iter().find(same)?, *grid))))
                .collect();
            let level = median(&sorted(values.iter().copied().flatten())).unwrap_or_default();
            let found = judged_series(&SeriesInput {
                grid,
                values: &values,
                earlier: &before,
                counts: None,
                unit: "s",
                resolution: (level * 0.02).max(1e-4),
                least,
            });
            (pair(estate, (from, to), &held, (grid, values), &found), found)
        })
        .collect()
}

/// One series a pair: of the view asked for, else the other, and of the best quantile there is.
fn chosen<'a>(
    estate: &Estate,
    series: &'a [SeriesFact],
    asked: MatrixSide,
) -> BTreeMap<(u32, u32), PairSeries<'a>> {
    // A name leads to a service only when it is one service's.
    let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for one in estate.of_kind(EntityKind::Service) {
        by_name.entry(estate.entity(one).name.as_str()).or_default().push(one);
    }
    let end = |name: Option<&String>| match by_name.get(name?.as_str()).map(Vec::as_slice) {
        Some([one]) if !estate.is_outside(*one) => Some(*one),
        _ => None,
    };
    let mut found: BTreeMap<Key, BTreeMap<usize, PairSeries<'a>>> = BTreeMap::new();
    for one in series.iter().filter(|one| one.series_type == SeriesType::Quantile) {
        let Some((_, side)) = METRICS.iter().find(|metric| metric.0 == one.metric) else {
            continue;
        };
        let ends = (end(one.labels.get("client")), end(one.labels.get("server")));
        let (Some(from), Some(to)) = ends else { continue };
        let quantile = one.labels.get("quantile").and_then(|text| text.parse::<f64>().ok());
        let rank = QUANTILES.iter().position(|held| Some(*held) == quantile);
        if let (Some(rank), Some(quantile)) = (rank, quantile)
            && !one.buckets.is_empty()
        {
            let held = PairSeries { side: *side, quantile, series: one };
            found.entry((from, to, *side != asked)).or_default().entry(rank).or_insert(held);
        }
    }
    let mut chosen = BTreeMap::new();
    for ((from, to, _), by_rank) in found {
        if let Some((_, best)) = by_rank.into_iter().next() {
            chosen.entry((from, to)).or_insert(best);
        }
    }
    chosen
}

/// The latest reported value of each bucket.
fn latest(series: &SeriesFact, grid: Grid) -> Values {
    let mut values = vec![None; grid.count];
    for bucket in series.buckets.iter().filter(|bucket| bucket.last.is_finite()) {
        if let Some(held) = grid.place(bucket.at).and_then(|place| values.get_mut(place)) {
            *held = Some(bucket.last);
        }
    }
    values
}

fn pair(
    estate: &Estate,
    (from, to): (u32, u32),
    held: &PairSeries<'_>,
    (grid, values): (Grid, Values),
    found: &SeriesFound,
) -> MatrixPair {
    let entity = |one: u32| estate.entity(one);
    let absent = |unit: &str| {
        Measure::absent(unit, Absence::NotCollected.because("reported quantiles only"))
    };
    let now = median(&sorted(values.iter().copied().flatten()));
    let usual = found.summary.baseline.level.value.filter(|_| !found.summary.baseline.with_window);
    let change_ratio = match (now, usual) {
        (Some(now), Some(usual)) if usual > 0.0 => Measure::new(now / usual - 1.0, "1"),
        _ => Measure::absent("1", Absence::NoData),
    };
    let harm = || absent("count");
    MatrixPair {
        from: entity(from).id.clone(),
        from_name: entity(from).name.clone(),
        to: entity(to).id.clone(),
        to_name: entity(to).name.clone(),
        basis: "reported".to_owned(),
        calls: None,
        is_sampled: false,
        request_rate: absent("/s"),
        source: held.series.source.clone(),
        other_sources: Vec::new(),
        side: held.side,
        latency: Latency::absent(Absence::NotCollected.because("reported quantiles only")),
        error_ratio: absent("1"),
        usual: MatrixUsual {
            latency: Latency::absent(Absence::NotCollected.because("reported quantiles only")),
            error_ratio: absent("1"),
            calls: None,
            made_from: if usual.is_some() { "earlier" } else { "window" }.to_owned(),
        },
        state: MatrixState::Unknown,
        reason: String::new(),
        change_ratio,
        since: None,
        since_earliest: None,
        since_latest: None,
        until: None,
        harm: MatrixHarm { slow: harm(), failed: harm(), total: harm() },
        values: MatrixValues {
            from: grid.from,
            step_seconds: grid.step_seconds(),
            quantile: held.quantile,
            latency: values,
            calls: vec![None; grid.count],
            error_ratio: vec![None; grid.count],
        },
        summary: found.summary.clone(),
        error_anomalies: Vec::new(),
    }
}
