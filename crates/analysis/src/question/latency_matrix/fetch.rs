//! The facts of `latency_matrix`: calls of the pairs with the most calls, in buckets, of the window and
//! of earlier periods.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::entity::EntityId;
use model::envelope::{AnswerWindow, ChosenBy, Warning};
use model::fact::{CallSeriesFact, CallSeriesQuery, SeriesFact, SeriesQuery};
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use super::params::{LatencyMatrixParams, WINDOW};
use super::reported::METRICS;
use crate::ask::{AskContext, AskError};
use crate::calls::ends_of;
use crate::estate::{Estate, all_named, estate};
use crate::grid::Grid;
use crate::param::{Text, window_ending};
use crate::place::holds;
use crate::unit::with_below;

/// Pairs that are judged, those with the most calls.
const JUDGED_MAX: usize = 1_000;

/// Entities that one read names.
const ENTITIES_MAX: usize = 5_000;

/// Series of reported quantiles that are read.
const SERIES_MAX: usize = 20_000;

/// How far back the baseline reads.
const PAST_MAX: i64 = 28 * Micros::DAY;

/// Periods before the window that the baseline reads.
const PERIODS_MAX: i64 = 3;

/// A pair and way: caller, callee, whether through messages.
pub(super) type PairKey = (u32, u32, bool);

/// Everything that is judged.
pub(super) struct MatrixFacts {
    /// The estate.
    pub estate: Arc<Estate>,
    /// The window as asked for, or moved.
    pub window: AnswerWindow,
    /// That it was moved, if it was.
    pub warning: Option<Warning>,
    /// The window's buckets.
    pub grid: Grid,
    /// Facts of the window by pair.
    pub now: BTreeMap<PairKey, Vec<CallSeriesFact>>,
    /// Facts of earlier periods by pair, the nearest first.
    pub earlier: Vec<(Grid, BTreeMap<PairKey, Vec<CallSeriesFact>>)>,
    /// Quantiles that senders report, in the window.
    pub reported: Vec<SeriesFact>,
    /// The same of earlier periods.
    pub reported_earlier: Vec<(Grid, Vec<SeriesFact>)>,
    /// Services that match as an end.
    pub wanted: BTreeSet<u32>,
    /// Pairs that match.
    pub pairs: u64,
    /// Pairs with an end that the viewer may not see.
    pub outside: u64,
    /// Version of the calls.
    pub edges: Version,
}

pub(super) async fn facts(
    params: &LatencyMatrixParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<MatrixFacts, AskError> {
    let estate = estate(ctx, params.as_of).await?;
    let edges = ctx.telemetry.version(DataKind::Edges).await?;
    let read = ctx.read(params.as_of);
    let (window, warning) = window_of(params, now, ctx, &read).await?;
    let grid = Grid::of(window.window(), params.buckets.unwrap_or(288));
    let ends = ends_of(&estate);
    let all = CallSeriesQuery {
        window: grid.window(),
        step: i64::MAX / 4,
        clients: Vec::new(),
        servers: Vec::new(),
        with_bins: false,
    };
    let totals = ctx.telemetry.call_series(&read, all).await?;
    let wanted = wanted(params, ctx, &estate).await?;
    let (chosen, pairs, outside) = chosen(&wanted, (&estate, &ends), &totals);
    let entity = |one: u32| estate.entity(one).entity;
    let clients: BTreeSet<EntityId> = chosen.iter().map(|key| entity(key.0)).collect();
    let servers: BTreeSet<EntityId> = chosen.iter().map(|key| entity(key.1)).collect();
    let reading = Reading {
        ctx,
        read,
        clients: clients.into_iter().take(ENTITIES_MAX).collect(),
        servers: servers.into_iter().take(ENTITIES_MAX).collect(),
        chosen,
        ends,
    };
    let now = reading.period(grid).await?;
    let length = grid.length().max(1);
    let week = 7 * Micros::DAY;
    let periods = (PAST_MAX / length).clamp(1, PERIODS_MAX);
    let mut shifts: Vec<i64> = (1..=periods).map(|k| k * length).collect();
    if !shifts.contains(&week) && length <= week {
        shifts.push(week);
    }
    let reported = reading.reported(grid).await?;
    let (mut earlier, mut reported_earlier) = (Vec::new(), Vec::new());
    for shift in shifts {
        let grid = grid.earlier(shift);
        earlier.push((grid, reading.period(grid).await?));
        if !reported.is_empty() {
            reported_earlier.push((grid, reading.reported(grid).await?));
        }
    }
    Ok(MatrixFacts {
        estate,
        window,
        warning,
        grid,
        now,
        earlier,
        reported,
        reported_earlier,
        wanted,
        pairs,
        outside,
        edges,
    })
}

struct Reading<'a> {
    ctx: &'a AskContext,
    read: ReadContext,
    clients: Vec<EntityId>,
    servers: Vec<EntityId>,
    chosen: BTreeSet<PairKey>,
    ends: HashMap<EntityId, u32>,
}

impl Reading<'_> {
    async fn period(&self, grid: Grid) -> Result<BTreeMap<PairKey, Vec<CallSeriesFact>>, AskError> {
        let mut found: BTreeMap<PairKey, Vec<CallSeriesFact>> = BTreeMap::new();
        if self.chosen.is_empty() {
            return Ok(found);
        }
        let query = CallSeriesQuery {
            window: grid.window(),
            step: grid.step,
            clients: self.clients.clone(),
            servers: self.servers.clone(),
            with_bins: true,
        };
        for fact in self.ctx.telemetry.call_series(&self.read, query).await? {
            let Some(key) = key(&fact, &self.ends) else { continue };
            if self.chosen.contains(&key) {
                found.entry(key).or_default().push(fact);
            }
        }
        Ok(found)
    }
}

impl Reading<'_> {
    /// Quantiles of calls as senders report them.
    async fn reported(&self, grid: Grid) -> Result<Vec<SeriesFact>, AskError> {
        let query = SeriesQuery {
            entities: Vec::new(),
            signals: Vec::new(),
            metrics: METRICS.map(|metric| metric.0.to_owned()).to_vec(),
            window: grid.window(),
            step: grid.step,
            limit: SERIES_MAX,
        };
        Ok(self.ctx.telemetry.series(&self.read, query).await?)
    }
}

fn key(fact: &CallSeriesFact, ends: &HashMap<EntityId, u32>) -> Option<PairKey> {
    Some((*ends.get(&fact.client)?, *ends.get(&fact.server)?, fact.is_asynchronous))
}

/// Entities that match as an end: of all kinds that calls have.
async fn wanted(
    params: &LatencyMatrixParams,
    ctx: &AskContext,
    estate: &Estate,
) -> Result<BTreeSet<u32>, AskError> {
    let read = ctx.read(params.as_of);
    let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let units: BTreeSet<String> = units.into_iter().collect();
    let named_ends: BTreeSet<u32> =
        all_named(ctx, params.as_of, estate, &params.entity).await?.into_iter().collect();
    let place = params.place();
    let is_end = |one: &u32| {
        let entity = estate.entity(*one);
        let is_of = |unit: &Option<String>| unit.as_ref().is_some_and(|unit| units.contains(unit));
        !estate.is_outside(*one)
            && holds(&place, entity)
            && (units.is_empty() || is_of(&entity.owner) || is_of(&entity.application))
            && (named_ends.is_empty() || named_ends.contains(one))
    };
    Ok(ends_of(estate).into_values().filter(is_end).collect())
}

/// The pairs that match and have the most calls, how many match, and how many are hidden.
fn chosen(
    wanted: &BTreeSet<u32>,
    (estate, ends): (&Estate, &HashMap<EntityId, u32>),
    totals: &[CallSeriesFact],
) -> (BTreeSet<PairKey>, u64, u64) {
    let mut calls: BTreeMap<PairKey, u64> = BTreeMap::new();
    let mut outside: BTreeSet<PairKey> = BTreeSet::new();
    for fact in totals {
        let Some(key) = key(fact, ends) else { continue };
        if estate.is_outside(key.0) || estate.is_outside(key.1) {
            outside.insert(key);
        } else if wanted.contains(&key.0) || wanted.contains(&key.1) {
            let count: u64 = fact.buckets.iter().map(|bucket| bucket.calls).sum();
            let held = calls.entry(key).or_default();
            *held = count.max(*held);
        }
    }
    let total = calls.len() as u64;
    let mut ranked: Vec<(PairKey, u64)> = calls.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(JUDGED_MAX);
    let chosen = ranked.into_iter().map(|one| one.0).collect();
    (chosen, total, outside.len() as u64)
}

/// The window asked for; without a stated range it ends where the newest call is when it would hold
/// none.
async fn window_of(
    params: &LatencyMatrixParams,
    now: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<(AnswerWindow, Option<Warning>), AskError> {
    let plain =
        |window: Window, chosen_by| AnswerWindow { from: window.from, to: window.to, chosen_by };
    let end = params.as_of.unwrap_or(now);
    let held = async || -> Result<Option<(Micros, Micros)>, AskError> {
        let presence = ctx.telemetry.presence(read).await?;
        // Where no call is held at all, reported quantiles are.
        let of = |data: &str| {
            let found = presence.iter().find(|one| one.data == data)?;
            Some((Micros::of(found.first?), Micros::of(found.last?)))
        };
        Ok(of("edges").or_else(|| of("samples")))
    };
    let (micros, chosen_by) = match &params.window {
        Some(Text(WindowParam::Range(window))) => {
            return Ok((plain(*window, ChosenBy::Request), None));
        }
        Some(Text(WindowParam::All)) => {
            let (first, last) = held().await?.unwrap_or((end.plus(-WINDOW), end));
            let to = last.plus(Micros::MINUTE);
            let window = Window { from: first.timestamp(), to: to.timestamp() };
            return Ok((plain(window, ChosenBy::All), None));
        }
        Some(Text(WindowParam::Last(micros))) if *micros != WINDOW => (*micros, ChosenBy::Request),
        _ => (WINDOW, ChosenBy::Default),
    };
    let window = window_ending(end, micros);
    let calls = held().await?.map(|(_, last)| last);
    // Quantiles that are reported after the last call count, as long as that stays inside.
    let samples = ctx.telemetry.version(DataKind::Samples).await?.newest;
    let samples = samples.map(|newest| newest.min(end));
    let is_near = |newest: &Micros| calls.is_none_or(|calls| newest.0 - calls.0 < micros);
    let newest = samples.filter(is_near).max(calls);
    let Some(newest) = newest.filter(|newest| *newest < window.micros().0) else {
        return Ok((plain(window, chosen_by), None));
    };
    let to = newest.floor_to(Micros::MINUTE).plus(Micros::MINUTE);
    let message = format!(
        "no call in the window that ends at {end}; the window ends at {to}, after the newest call"
    );
    let moved = plain(window_ending(to, micros), ChosenBy::NewestData);
    Ok((moved, Some(Warning::new("newest_data", message))))
}
