//! The facts of `savings_candidates`: the estate now and at the start of the look-back, charges of a
//! month by resource, signals over the look-back, decisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::envelope::{AnswerWindow, ChosenBy};
use model::error::StoreError;
use model::fact::{CostDimension, CostQuery, SignalQuery, UsageCostQuery};
use model::kind::EntityKind;
use model::scope::Place;
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use super::cost::Costs;
use super::params::SavingsCandidatesParams;
use super::usage::Usages;
use crate::ask::{AskContext, AskError};
use crate::decision::{Decisions, decisions};
use crate::estate::{Estate, all_named, estate};
use crate::param::{Text, window_ending};
use crate::spend::PROVISIONAL;
use crate::table::DatedTables;
use crate::unit::{telemetry_read, with_below};

/// Charges older than this are settled, however new they are of their provider.
const SETTLED: i64 = 14 * Micros::DAY;

/// A look-back ends where the newest sample is when that is older than this.
const SAMPLES_LATE: i64 = Micros::DAY;

/// Most kinds of usage by resource.
const USAGE_ROWS_MAX: usize = 500_000;

/// Kinds of which signals are read, and the signals.
const MEASURED: [EntityKind; 7] = [
    EntityKind::Instance,
    EntityKind::Database,
    EntityKind::DatabaseCluster,
    EntityKind::Cache,
    EntityKind::LoadBalancer,
    EntityKind::Pod,
    EntityKind::Workload,
];
const SIGNALS: [&str; 7] = [
    "connection_count",
    "cpu_seconds",
    "cpu_utilization_ratio",
    "memory_used_bytes",
    "memory_utilization_ratio",
    "request_count",
    "request_rate",
];

/// Everything that is judged.
pub(super) struct Facts {
    /// The estate at the instant.
    pub estate: Arc<Estate>,
    /// The estate at the start of the look-back, when an export had been read by then.
    pub past: Option<Arc<Estate>>,
    /// The instant.
    pub now: Micros,
    /// The time looked back over, and who chose it.
    pub look_back: AnswerWindow,
    /// Where it was moved to: (asked end, newest sample).
    pub moved: Option<(Micros, Micros)>,
    /// Charges of a month.
    pub costs: Costs,
    /// Signals over the look-back.
    pub usages: Usages,
    /// What was decided.
    pub decisions: Decisions,
    /// The dated tables.
    pub tables: Arc<DatedTables>,
    /// Ordinals asked for by name.
    pub asked: BTreeSet<u32>,
    /// Units asked for and below; empty for all.
    pub units: BTreeSet<String>,
    /// Versions read.
    pub samples: Version,
    pub charges: Version,
}

pub(super) async fn facts(
    params: &SavingsCandidatesParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<Facts, AskError> {
    let estate = estate(ctx, params.as_of).await?;
    let asked: BTreeSet<u32> =
        all_named(ctx, params.as_of, &estate, &params.entity).await?.into_iter().collect();
    let samples = ctx.telemetry.version(DataKind::Samples).await?;
    let charges = ctx.telemetry.version(DataKind::Charges).await?;
    let (look_back, moved) = look_back(params, now, samples);
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let units = with_below(ctx.topology.as_ref(), &ctx.read(params.as_of), &params.unit).await?;
    let past = past(ctx, &estate, Micros::of(look_back.from)).await?;
    Ok(Facts {
        past,
        now,
        moved,
        costs: costs(now, &read, ctx).await?,
        usages: usages(&look_back, &read, ctx).await?,
        decisions: decisions(ctx, params.as_of).await?,
        tables: Arc::clone(&ctx.tables),
        asked,
        units: units.into_iter().collect(),
        look_back,
        estate,
        samples,
        charges,
    })
}

fn look_back(
    params: &SavingsCandidatesParams,
    now: Micros,
    samples: Version,
) -> (AnswerWindow, Option<(Micros, Micros)>) {
    let chosen =
        |window: Window, chosen_by| AnswerWindow { from: window.from, to: window.to, chosen_by };
    match params.window {
        Some(Text(WindowParam::Range(window))) => (chosen(window, ChosenBy::Request), None),
        Some(Text(WindowParam::Last(micros))) => {
            let newest = samples.newest.filter(|newest| newest.plus(SAMPLES_LATE) < now);
            match newest.filter(|_| params.as_of.is_none()) {
                Some(newest) => {
                    let window = window_ending(newest, micros);
                    (chosen(window, ChosenBy::NewestData), Some((now, newest)))
                }
                None => (chosen(window_ending(now, micros), ChosenBy::Request), None),
            }
        }
        _ => (chosen(window_ending(now, 35 * Micros::DAY), ChosenBy::Default), None),
    }
}

/// The estate as it was when the look-back began; `None` when nothing had been observed by then.
async fn past(
    ctx: &AskContext,
    present: &Estate,
    from: Micros,
) -> Result<Option<Arc<Estate>>, AskError> {
    if present.facts.first_observation.is_none_or(|first| first > from) {
        return Ok(None);
    }
    Ok(Some(estate(ctx, Some(from)).await?))
}

/// Charges of the calendar month that ends where settled charges end.
async fn costs(now: Micros, read: &ReadContext, ctx: &AskContext) -> Result<Costs, AskError> {
    let held = CostQuery { dimensions: vec![CostDimension::Provider], ..CostQuery::default() };
    let rows = ctx.telemetry.cost(read, held).await?;
    let Some(last) = rows.iter().map(|row| row.last).max() else { return Ok(Costs::default()) };
    let last = last.min(now);
    let is_settled = last <= now.plus(-SETTLED);
    let end = if is_settled { last } else { last.plus(-PROVISIONAL) }.floor_to(Micros::DAY);
    let window = month_ending(end)?;
    let query = UsageCostQuery { window, limit: USAGE_ROWS_MAX };
    Ok(Costs::new(ctx.telemetry.usage_cost(read, query).await?, Some(window)))
}

/// From the same day of the month before: from its last day where the month is shorter.
fn month_ending(end: Micros) -> Result<Window, AskError> {
    let broken = |error: jiff::Error| {
        let operation = "find the month of the charges".to_owned();
        AskError::Store(StoreError::Internal { operation, reason: error.to_string() })
    };
    let to = end.timestamp();
    let before = to.to_zoned(jiff::tz::TimeZone::UTC);
    let from = before.checked_sub(jiff::Span::new().months(1)).map_err(broken)?.timestamp();
    Ok(Window { from, to })
}

async fn usages(
    look_back: &AnswerWindow,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<Usages, AskError> {
    let query = SignalQuery {
        place: Place::default(),
        unit: Vec::new(),
        kinds: MEASURED.to_vec(),
        entities: Vec::new(),
        signals: SIGNALS.iter().map(|signal| (*signal).to_owned()).collect(),
        window: look_back.window(),
    };
    Ok(Usages::new(&ctx.telemetry.signals(read, query).await?))
}
