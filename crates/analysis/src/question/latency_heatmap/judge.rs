//! From facts to the answer of `latency_heatmap`, pure.

use std::collections::{BTreeMap, BTreeSet};

use graph::seriation::{Tie, seriation};
use model::absence::Absence;
use model::envelope::{Coverage, StoreFreshness, Warning};
use model::measure::Measure;
use model::time::Micros;

use super::cell::CellSum;
use super::fetch::HeatmapFacts;
use super::group::{Places, is_service};
use super::params::{HeatmapGrouping, HeatmapSide, LatencyHeatmapParams, ROWS_MAX};
use super::reported::reported;
use super::shape::{HeatmapCell, HeatmapRow, HeatmapSummary, HotPair, LatencyHeatmapAnswer};
use crate::calls::{Calls, PairCalls, ratio};
use crate::place::holds;
use crate::question::Draft;

/// A matrix before it is put in order: cells by the keys of their groups.
#[derive(Debug, Default)]
struct Matrix {
    names: BTreeMap<String, String>,
    members: BTreeMap<String, BTreeSet<u32>>,
    cells: BTreeMap<(String, String), CellSum>,
    ungrouped: u64,
}

/// Judges the facts.
pub(super) fn judged(
    params: &LatencyHeatmapParams,
    facts: &HeatmapFacts,
    now: Micros,
) -> Draft<LatencyHeatmapAnswer> {
    let calls = Calls::new(facts.calls.clone(), &facts.ends);
    let pairs = matching(params, facts, &calls);
    let mut places = Places::new(&facts.estate);
    let mut by = params.by.unwrap_or_default();
    let mut matrix = matrix_of(facts, &pairs, by, &mut places);
    let mut coarser = None;
    if params.by.is_none() && matrix.names.len() > ROWS_MAX as usize {
        for next in [HeatmapGrouping::Namespace, HeatmapGrouping::Application] {
            by = next;
            let rows = matrix.names.len();
            matrix = matrix_of(facts, &pairs, by, &mut places);
            coarser = coarser.or(Some(rows));
            if matrix.names.len() <= ROWS_MAX as usize {
                break;
            }
        }
    }
    let side = params.side.unwrap_or_default();
    let (rows, order) = ordered(&matrix, params.limit.unwrap_or(1) as usize);
    let cells = shown_cells(&matrix, &calls, &order);
    let total = matrix.cells.values().fold(CellSum::default(), |mut sum, cell| {
        sum.join(cell);
        sum
    });
    let answer = LatencyHeatmapAnswer {
        summary: HeatmapSummary {
            rows: matrix.names.len() as u64,
            cells: matrix.cells.len() as u64,
            calls: match matrix.cells.is_empty() {
                true => Measure::absent("count", Absence::NoData),
                false => Measure::measured(total.calls as f64, "count"),
            },
            error_ratio: ratio(total.errors, total.calls),
            is_sampled: total.is_sampled,
            calls_unplaced: calls.unplaced,
            calls_ungrouped: matrix.ungrouped,
        },
        by,
        side,
        hot_pairs: hot_pairs(&matrix, side, params.hot.unwrap_or(20) as usize),
        rows,
        cells,
        zone_crossing: total.zone_crossing(),
        reported: reported(&facts.estate, &facts.reported),
    };
    drafted(params, facts, answer, now, coarser)
}

/// The pairs of which an end lies where the question is narrowed to, and both may be seen.
fn matching<'a>(
    params: &LatencyHeatmapParams,
    facts: &HeatmapFacts,
    calls: &'a Calls,
) -> Vec<((u32, u32), &'a PairCalls)> {
    let place = params.place();
    let estate = &facts.estate;
    let is_in = |ordinal: u32| {
        let entity = estate.entity(ordinal);
        let is_of = |one: &Option<String>| one.as_ref().is_some_and(|u| facts.units.contains(u));
        let is_unit = facts.units.is_empty() || is_of(&entity.owner) || is_of(&entity.application);
        is_unit && holds(&place, entity)
    };
    let is_kept = |(from, to): (u32, u32)| {
        !estate.is_outside(from) && !estate.is_outside(to) && (is_in(from) || is_in(to))
    };
    calls.pairs.iter().map(|(pair, calls)| (*pair, calls)).filter(|one| is_kept(one.0)).collect()
}

fn matrix_of(
    facts: &HeatmapFacts,
    pairs: &[((u32, u32), &PairCalls)],
    by: HeatmapGrouping,
    places: &mut Places<'_>,
) -> Matrix {
    let mut matrix = Matrix::default();
    for ((from, to), pair) in pairs {
        let ends = places.group(*from, by).zip(places.group(*to, by));
        let Some((client, server)) = ends else {
            matrix.ungrouped = matrix.ungrouped.saturating_add(pair.calls);
            continue;
        };
        for ((key, name), member) in [(&client, from), (&server, to)] {
            matrix.names.entry(key.clone()).or_insert_with(|| name.clone());
            let counts = by == HeatmapGrouping::Service || is_service(&facts.estate, *member);
            let members = matrix.members.entry(key.clone()).or_default();
            if counts {
                members.insert(*member);
            }
        }
        let zones = places.zone(*from).zip(places.zone(*to));
        let is_crossing = zones.map(|(from, to)| from != to);
        matrix.cells.entry((client.0, server.0)).or_default().add(pair, is_crossing);
    }
    matrix
}

/// Rows in their order, and the place of each key that is given: the busiest rows when there are more
/// than the limit.
fn ordered(matrix: &Matrix, limit: usize) -> (Vec<HeatmapRow>, BTreeMap<String, u32>) {
    let mut volume: BTreeMap<&str, (u64, u64)> =
        matrix.names.keys().map(|key| (key.as_str(), (0, 0))).collect();
    for ((from, to), cell) in &matrix.cells {
        if let Some(made) = volume.get_mut(from.as_str()) {
            made.0 = made.0.saturating_add(cell.calls);
        }
        if let Some(answered) = volume.get_mut(to.as_str()) {
            answered.1 = answered.1.saturating_add(cell.calls);
        }
    }
    let mut keys: Vec<&str> = volume.keys().copied().collect();
    if keys.len() > limit {
        keys.sort_by_key(|key| {
            (std::cmp::Reverse(volume[key].0.saturating_add(volume[key].1)), *key)
        });
        keys.truncate(limit);
        keys.sort_unstable();
    }
    let place = |key: &str| keys.binary_search(&key).ok().map(|place| place as u32);
    let ties: Vec<Tie> = matrix
        .cells
        .iter()
        .filter_map(|((from, to), cell)| {
            Some(Tie { a: place(from)?, b: place(to)?, weight: cell.calls as f64 })
        })
        .collect();
    let found = seriation(keys.len() as u32, &ties);
    let parts = (0_u32..)
        .zip(&found.parts)
        .flat_map(|(part, size)| std::iter::repeat_n(part, *size as usize));
    let mut rows = Vec::with_capacity(keys.len());
    let mut order = BTreeMap::new();
    for (row, part) in found.order.iter().zip(parts) {
        let key = keys[*row as usize];
        order.insert(key.to_owned(), rows.len() as u32);
        rows.push(HeatmapRow {
            id: key.to_owned(),
            name: matrix.names[key].clone(),
            members: matrix.members[key].len() as u64,
            calls_made: volume[key].0,
            calls_answered: volume[key].1,
            part,
        });
    }
    (rows, order)
}

fn shown_cells(matrix: &Matrix, calls: &Calls, order: &BTreeMap<String, u32>) -> Vec<HeatmapCell> {
    let mut cells: Vec<HeatmapCell> = matrix
        .cells
        .iter()
        .filter_map(|((from, to), cell)| {
            Some(cell.shown(calls, (*order.get(from)?, *order.get(to)?)))
        })
        .collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    cells
}

fn hot_pairs(matrix: &Matrix, side: HeatmapSide, limit: usize) -> Vec<HotPair> {
    let time = |cell: &CellSum| cell.side(side).mean().map(|mean| mean * cell.calls as f64);
    let total: f64 = matrix.cells.values().filter_map(time).sum();
    let mut hot: Vec<HotPair> = matrix
        .cells
        .iter()
        .filter_map(|((from, to), cell)| {
            let mean = cell.side(side).mean()?;
            Some(HotPair {
                from: from.clone(),
                to: to.clone(),
                calls: cell.calls,
                mean_seconds: mean,
                time_share: if total > 0.0 { mean * cell.calls as f64 / total } else { 0.0 },
                p95: cell.side(side).latency().p95,
                error_ratio: ratio(cell.errors, cell.calls),
            })
        })
        .collect();
    hot.sort_by(|a, b| {
        let ids = (&a.from, &a.to).cmp(&(&b.from, &b.to));
        b.time_share.total_cmp(&a.time_share).then(ids)
    });
    hot.truncate(limit);
    hot
}

fn drafted(
    params: &LatencyHeatmapParams,
    facts: &HeatmapFacts,
    answer: LatencyHeatmapAnswer,
    now: Micros,
    coarser: Option<usize>,
) -> Draft<LatencyHeatmapAnswer> {
    let mut draft = Draft::new(answer, params.as_of.unwrap_or(now));
    let answer = &draft.answer;
    draft.window = Some(facts.window.window);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.edges),
    ];
    let zones = &answer.zone_crossing;
    draft.coverage.insert("zones".into(), Coverage::new(zones.known, zones.calls));
    let measured = |cell: &&HeatmapCell| cell.client_latency.p50.n.is_some();
    let with = answer.cells.iter().filter(measured).count() as u64;
    draft.coverage.insert("latency".into(), Coverage::new(with, answer.cells.len() as u64));
    for (list, given, total) in [
        ("rows", answer.rows.len(), answer.summary.rows),
        ("cells", answer.cells.len(), answer.summary.cells),
    ] {
        if total > given as u64 {
            draft.truncated.insert(list.into(), total);
        }
    }
    draft.warnings.extend(facts.window.warning());
    if let Some(rows) = coarser {
        let message = format!(
            "{rows} services are more than the {ROWS_MAX} rows that are put in order; they are \
             grouped by {}",
            answer.by.as_str()
        );
        draft.warnings.push(Warning::new("aggregated", message));
    }
    if answer.summary.is_sampled {
        let message = "some calls were counted from traces whose sampling is not known: their \
                       number says nothing, and nothing of them is given per second";
        draft.warnings.push(Warning::new("sampled", message));
    }
    draft.tables = draft.answer.tables();
    draft
}
