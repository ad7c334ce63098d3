//! The facts of `system_metrics`.

use model::entity::EntityId;
use model::fact::{SeriesFact, SeriesQuery, SignalFact, SignalQuery, TopologyFacts, TopologyQuery};
use model::kind::EntityKind;
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use super::params::SystemMetricsParams;
use crate::ask::{AskContext, AskError};
use crate::param::{Text, window_ending};
use crate::unit::{telemetry_read, with_below};

/// Everything that is judged.
#[derive(Debug, Clone)]
pub(super) struct HealthFacts {
    /// The window.
    pub window: Window,
    /// Entities concerned, as far as one read gives them, with the counts of all.
    pub topology: TopologyFacts,
    /// Version of the samples.
    pub samples: Version,
    /// Signals in the window.
    pub signals: Vec<SignalFact>,
    /// Newest sample of all, when none is in the window.
    pub newest: Option<Micros>,
    /// Signals over time, when asked for.
    pub series: Option<Vec<SeriesFact>>,
    /// Length of their buckets in microseconds.
    pub step: i64,
}

/// Most series of a chart.
pub(super) const SERIES_MAX: usize = 200;

pub(super) async fn facts(
    params: &SystemMetricsParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<HealthFacts, AskError> {
    let read = ctx.read(params.as_of);
    let window = window_of(params.window.as_ref(), now);
    let query = TopologyQuery {
        place: params.place(),
        unit: params.unit.clone(),
        kinds: params.kind.clone(),
        roots: params.entity.clone(),
        limit: ctx.limits.entities,
        ..TopologyQuery::default()
    };
    let topology = ctx.topology.topology(&read, query).await?;
    let entities: Vec<EntityId> = if params.entity.is_empty() {
        Vec::new()
    } else {
        topology.entities.iter().map(|entity| entity.entity).collect()
    };
    if !params.entity.is_empty() && entities.is_empty() {
        let what = params.entity.join(", ");
        return Err(AskError::Store(model::StoreError::NotFound { what }));
    }
    let samples = ctx.telemetry.version(DataKind::Samples).await?;
    let unit = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let read = telemetry_read(ctx.topology.as_ref(), read).await?;
    let signal_query = SignalQuery {
        place: params.place(),
        unit,
        kinds: measured_kinds(&params.kind),
        entities: entities.clone(),
        signals: Vec::new(),
        window,
    };
    let signals = ctx.telemetry.signals(&read, signal_query).await?;
    let newest = if signals.iter().any(|fact| fact.count > 0) {
        None
    } else {
        let presence = ctx.telemetry.presence(&read).await?;
        let held = presence.iter().find(|one| one.data == "samples");
        let held = held.and_then(|one| one.last).map(Micros::of);
        signals.iter().map(|fact| fact.newest).max().or(held)
    };
    let (series, step) = charts(params, now, entities, &read, ctx).await?;
    Ok(HealthFacts { window, topology, samples, signals, newest, series, step })
}

/// What is measured of pods that no export lists is laid on their workloads: where pods are asked
/// for, workloads are judged too, but only those of which something is measured.
fn measured_kinds(asked: &[EntityKind]) -> Vec<EntityKind> {
    let mut kinds = asked.to_vec();
    if kinds.contains(&EntityKind::Pod) && !kinds.contains(&EntityKind::Workload) {
        kinds.push(EntityKind::Workload);
    }
    kinds
}

/// Health never moves: the window ends at the instant asked about.
fn window_of(param: Option<&Text<WindowParam>>, now: Micros) -> Window {
    match param {
        Some(Text(WindowParam::Range(window))) => *window,
        Some(Text(WindowParam::Last(micros))) => window_ending(now, *micros),
        Some(Text(WindowParam::All)) | None => window_ending(now, 15 * Micros::MINUTE),
    }
}

async fn charts(
    params: &SystemMetricsParams,
    now: Micros,
    entities: Vec<EntityId>,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<(Option<Vec<SeriesFact>>, i64), AskError> {
    if params.series != Some(true) {
        return Ok((None, 0));
    }
    let window = window_of(params.series_window.as_ref(), now);
    let (from, to) = window.micros();
    let buckets = i64::from(params.buckets.unwrap_or(60));
    let seconds = to.0.saturating_sub(from.0) / Micros::SECOND;
    let step = (seconds / buckets + i64::from(seconds % buckets > 0)).max(1) * Micros::SECOND;
    // Whole hours are read from rollups; a long step is rounded up to them.
    let step = if step > Micros::HOUR { ceil_to_hour(step) } else { step };
    let query = SeriesQuery {
        entities,
        signals: Vec::new(),
        metrics: Vec::new(),
        window,
        step,
        limit: SERIES_MAX,
    };
    let series = ctx.telemetry.series(read, query).await?;
    Ok((Some(series), step))
}

fn ceil_to_hour(step: i64) -> i64 {
    Micros(step.saturating_add(Micros::HOUR - 1)).floor_to(Micros::HOUR).0
}
