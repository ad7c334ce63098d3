//! The facts of `business_value`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::allocation::AllocationList;
use model::entity::EntityId;
use model::envelope::ChosenBy;
use model::fact::{CostDimension, CostQuery, CostRow, CostStep, SeriesQuery, UsageCostQuery};
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use super::params::BusinessValueParams;
use super::period::day_of;
use super::request::{Requests, is_entry_kind, requests_of};
use super::saving::{DoneFacts, done_at};
use crate::ask::{AskContext, AskError};
use crate::calls::{ends_of, windowed_calls};
use crate::estate::{Estate, all_named, estate};
use crate::failure::{EntryKind, Model, Options};
use crate::incident::{Incident, incidents};
use crate::param::{Text, window_ending};
use crate::question::cost_analysis::DimensionParam;
use crate::spend::PROVISIONAL;
use crate::traced_entry::traced_entries;
use crate::unit::telemetry_read;
use crate::unit_cost::{query_dimensions, rules_in_force};
use crate::unit_tree::{UnitTree, unit_tree};
use crate::value::ValueBook;

/// Billing periods of the default window.
const PERIODS_MAX: usize = 13;

/// The default window where nothing is billed.
const UNBILLED: i64 = 396 * Micros::DAY;

/// Charges that ended longer ago than this are settled, however new they are of their provider.
const SETTLED: i64 = 14 * Micros::DAY;

/// Most days of requests that are read.
const REQUEST_DAYS_MAX: i64 = 92;

/// Most series of requests.
const SERIES_MAX: usize = 50_000;

/// Most savings that were carried out whose charges are read.
const DONE_MAX: usize = 50;

/// Most rows of one sum of charges by resource.
const USAGE_ROWS_MAX: usize = 200_000;

/// The window over which entry points are looked for.
const ENTRY_WINDOW: i64 = Micros::DAY;

/// Everything that is judged.
pub(super) struct Facts {
    /// The instant.
    pub now: Micros,
    /// The estate.
    pub estate: Arc<Estate>,
    /// Ordinals asked for, with all below; `None` for all.
    pub asked: Option<BTreeSet<u32>>,
    /// The range asked about, and who chose it.
    pub window: (Window, ChosenBy),
    /// Where the window was moved to: (asked end, newest datum).
    pub moved: Option<(Micros, Micros)>,
    /// Value metrics and assumptions.
    pub book: ValueBook,
    /// Sums by day and by `dimensions`.
    pub costs: Vec<CostRow>,
    /// Names of the dimensions: owner, application, and what the rules ask about.
    pub dimensions: Vec<String>,
    /// The allocation rules in force at the end of the window.
    pub rules: AllocationList,
    /// Units with what stands above them.
    pub tree: UnitTree,
    /// Days whose charges are held and settled.
    pub billed: Option<(i64, i64)>,
    /// Every incident held.
    pub incidents: Vec<Incident>,
    /// Savings that were carried out.
    pub done: Vec<DoneFacts>,
    /// How many were left out.
    pub done_cut: u64,
    /// Services that are entry points, in order.
    pub entries: Vec<u32>,
    /// Part of a service's requests that comes from outside, where it is not all.
    pub outside: BTreeMap<u32, f64>,
    /// Requests by day.
    pub requests: BTreeMap<EntityId, Requests>,
    /// Versions read.
    pub charges: Version,
    pub values: Version,
}

pub(super) async fn facts(
    params: &BusinessValueParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<Facts, AskError> {
    let estate = estate(ctx, params.as_of).await?;
    let asked = asked(params, &estate, ctx).await?;
    let charges = ctx.telemetry.version(DataKind::Charges).await?;
    let values = ctx.telemetry.version(DataKind::Values).await?;
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let held = ctx.telemetry.cost(&read, held()).await?;
    let (window, moved) = window(params, &held, now, &read, ctx).await?;
    let book = ValueBook::read(ctx, &read, window.0).await?;
    let tree = unit_tree(ctx.topology.as_ref(), &read).await?;
    let rules = rules_in_force(ctx, &read, Micros::of(window.0.to)).await?.unwrap_or_default();
    let query = CostQuery {
        place: params.place(),
        window: Some(window.0),
        dimensions: query_dimensions(&rules)?,
        step: Some(CostStep::Day),
        ..self::held()
    };
    let dimensions = query.dimensions.iter().map(|one| DimensionParam(one.clone()).to_string());
    let billed = billed(&held, now);
    let (done, done_cut) = done(billed, now, &read, ctx).await?;
    let (entries, outside) = entries(params, now, &estate, ctx).await?;
    let requests = requests(&estate, &entries, window.0, &read, ctx).await?;
    Ok(Facts {
        now,
        asked,
        moved,
        book,
        tree,
        rules,
        dimensions: dimensions.collect(),
        costs: ctx.telemetry.cost(&read, query).await?,
        billed,
        incidents: incidents(ctx, &read).await?,
        window,
        done,
        done_cut,
        entries,
        outside,
        requests,
        estate,
        charges,
        values,
    })
}

/// All charges held, by provider.
fn held() -> CostQuery {
    CostQuery { dimensions: vec![CostDimension::Provider], ..CostQuery::default() }
}

async fn asked(
    params: &BusinessValueParams,
    estate: &Estate,
    ctx: &AskContext,
) -> Result<Option<BTreeSet<u32>>, AskError> {
    use model::kind::RelationKind as R;
    if params.unit.is_empty() {
        return Ok(None);
    }
    let starts = all_named(ctx, params.as_of, estate, &params.unit).await?;
    Ok(Some(estate.reached(&starts, &[R::Owns, R::HasPart, R::Contains]).into_iter().collect()))
}

/// The range asked about: by default the billing periods held, at most 13; without charges 13 months. A
/// range that ends now is moved to the newest datum when it would hold none.
async fn window(
    params: &BusinessValueParams,
    held: &[CostRow],
    now: Micros,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<((Window, ChosenBy), Option<(Micros, Micros)>), AskError> {
    let presence = ctx.telemetry.presence(read).await?;
    let values = presence.iter().find(|one| one.data == "values");
    let first = held.iter().map(|row| row.first);
    let first = first.chain(values.and_then(|one| one.first).map(Micros::of)).min();
    let last = held.iter().map(|row| row.last);
    let last = last.chain(values.and_then(|one| one.last).map(Micros::of)).max();
    let newest = last.map(|last| last.min(now));
    Ok(match params.window {
        Some(Text(WindowParam::Range(window))) => ((window, ChosenBy::Request), None),
        Some(Text(WindowParam::All)) => {
            let from = first.unwrap_or(now.plus(-UNBILLED)).min(now.plus(-Micros::DAY));
            ((Window { from: from.timestamp(), to: now.timestamp() }, ChosenBy::All), None)
        }
        Some(Text(WindowParam::Last(micros))) => match newest {
            Some(newest) if newest <= now.plus(micros.saturating_neg()) => {
                ((window_ending(newest, micros), ChosenBy::NewestData), Some((now, newest)))
            }
            _ => ((window_ending(now, micros), ChosenBy::Request), None),
        },
        None => {
            let bills = ctx.telemetry.bills(read).await?;
            let counted = bills.iter().filter(|bill| bill.state == "counted");
            let mut periods: Vec<Micros> =
                counted.map(|bill| Micros::of(bill.billing_period)).collect();
            periods.sort_unstable();
            periods.dedup();
            let from = periods.len().checked_sub(PERIODS_MAX.min(periods.len()));
            let from = from.and_then(|place| periods.get(place).copied());
            let from = from.filter(|from| *from < now).unwrap_or(now.plus(-UNBILLED));
            ((Window { from: from.timestamp(), to: now.timestamp() }, ChosenBy::Default), None)
        }
    })
}

/// Whole days from the first charge to the last that is settled: the newest 48 hours of a provider that
/// still sends may change.
fn billed(held: &[CostRow], now: Micros) -> Option<(i64, i64)> {
    let first = held.iter().map(|row| row.first).min()?;
    let mut newest: BTreeMap<&Option<String>, Micros> = BTreeMap::new();
    for row in held {
        let last = newest.entry(row.values.first()?).or_insert(row.last);
        *last = row.last.max(*last);
    }
    let ends = newest.values().map(|last| (*last).min(now));
    let open = ends.clone().filter(|last| *last > now.plus(-SETTLED)).min();
    let end = match open {
        Some(last) => last.plus(-PROVISIONAL),
        None => ends.max()?,
    };
    let from = day_of(first.plus(Micros::DAY - 1));
    Some((from, day_of(end))).filter(|(from, to)| from < to)
}

/// Savings that were carried out, with the charges before and since.
async fn done(
    billed: Option<(i64, i64)>,
    now: Micros,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<(Vec<DoneFacts>, u64), AskError> {
    let at = read.as_of.unwrap_or(Micros::of(ctx.now)).max(now);
    let mut all = done_at(&ctx.records.decisions().await?, at);
    let cut = all.len().saturating_sub(DONE_MAX) as u64;
    all.truncate(DONE_MAX);
    let mut facts = Vec::new();
    for done in all {
        let charges = |window| UsageCostQuery { window, limit: USAGE_ROWS_MAX };
        let before = ctx.telemetry.usage_cost(read, charges(done.before())).await?;
        let since = match done.since(billed) {
            Some(window) => Some((window, ctx.telemetry.usage_cost(read, charges(window)).await?)),
            None => None,
        };
        facts.push(DoneFacts { done, before, since });
    }
    Ok((facts, cut))
}

/// The services that are entry points, and the part of their requests that comes from outside.
async fn entries(
    params: &BusinessValueParams,
    now: Micros,
    estate: &Arc<Estate>,
    ctx: &AskContext,
) -> Result<(Vec<u32>, BTreeMap<u32, f64>), AskError> {
    let (window, calls) = windowed_calls(ctx, None, ENTRY_WINDOW, (params.as_of, now)).await?;
    let read = ctx.read(params.as_of);
    let roots = ctx.telemetry.roots(&read, window.window.window()).await?;
    let traced = traced_entries(&roots, &calls, |_| false);
    let ends = ends_of(estate);
    let mut options = Options::default();
    for entry in &traced.entries {
        let Some(service) = ends.get(&entry.service).copied() else { continue };
        let list = if entry.is_consumer { &mut options.consumers } else { &mut options.rooted };
        list.push(service);
    }
    options.rooted.sort_unstable();
    options.consumers.sort_unstable();
    let shares = traced.entries.iter().filter(|entry| entry.share < 1.0);
    let outside = shares.filter_map(|entry| Some((*ends.get(&entry.service)?, entry.share)));
    let outside = outside.collect();
    let whole = Arc::clone(estate);
    let found = tokio::task::spawn_blocking(move || {
        let model = Model::of(whole, &options);
        let requests = model.entries().iter().filter(|entry| entry.kind != EntryKind::Job);
        requests.map(|entry| entry.subject).collect::<BTreeSet<u32>>()
    });
    let found = found.await.map_err(|error| {
        let operation = "find the entry points".to_owned();
        AskError::Store(model::StoreError::Internal { operation, reason: error.to_string() })
    })?;
    let is_service =
        |one: &u32| is_entry_kind(estate.entity(*one).kind) && !estate.is_outside(*one);
    Ok((found.into_iter().filter(is_service).collect(), outside))
}

async fn requests(
    estate: &Estate,
    entries: &[u32],
    window: Window,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<BTreeMap<EntityId, Requests>, AskError> {
    if entries.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (from, to) = window.micros();
    let to = to.floor_to(Micros::DAY).plus(Micros::DAY);
    let from = from.floor_to(Micros::DAY).max(to.plus(-REQUEST_DAYS_MAX * Micros::DAY));
    let query = SeriesQuery {
        entities: entries.iter().map(|one| estate.entity(*one).entity).collect(),
        signals: ["request_count", "error_count", "latency_seconds"].map(str::to_owned).to_vec(),
        metrics: Vec::new(),
        window: Window { from: from.timestamp(), to: to.timestamp() },
        step: Micros::DAY,
        limit: SERIES_MAX,
    };
    Ok(requests_of(&ctx.telemetry.series(read, query).await?))
}
