//! The facts of `latency_heatmap`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::entity::EntityId;
use model::envelope::{AnswerWindow, ChosenBy};
use model::fact::{CallFact, SeriesFact, SeriesQuery};
use model::seam::{DataKind, Version};
use model::series::SeriesType;
use model::time::{Micros, WindowParam};

use super::params::{LatencyHeatmapParams, WINDOW};
use crate::ask::{AskContext, AskError};
use crate::calls::{CallWindow, ends_of, windowed_calls};
use crate::estate::{Estate, estate};
use crate::param::{Text, window_ending};
use crate::unit::with_below;

/// Everything that is judged.
#[derive(Debug, Clone)]
pub(super) struct HeatmapFacts {
    /// The estate.
    pub estate: Arc<Estate>,
    /// The window.
    pub window: CallWindow,
    /// Version of the calls.
    pub edges: Version,
    /// Calls of the window.
    pub calls: Vec<CallFact>,
    /// Entities that may be ends of calls.
    pub ends: HashMap<EntityId, u32>,
    /// Latencies of calls that senders report as quantiles.
    pub reported: Vec<SeriesFact>,
    /// Units asked for and all below them.
    pub units: BTreeSet<String>,
}

/// Metrics under which tools report quantiles of the latency of calls; whose view is in the name.
pub(super) const METRICS: [&str; 2] =
    ["traces_service_graph_request_client_seconds", "traces_service_graph_request_server_seconds"];

/// Series of reported quantiles that are read.
const SERIES_MAX: usize = 20_000;

pub(super) async fn facts(
    params: &LatencyHeatmapParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<HeatmapFacts, AskError> {
    let read = ctx.read(params.as_of);
    let estate = estate(ctx, params.as_of).await?;
    let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let edges = ctx.telemetry.version(DataKind::Edges).await?;
    let at = (params.as_of, now);
    let (window, calls) = windowed_calls(ctx, params.window.as_ref(), WINDOW, at).await?;
    let window = match calls.is_empty() {
        true => reported_window(params, at, window, ctx).await?,
        false => window,
    };
    let (from, to) = window.window.window().micros();
    let query = SeriesQuery {
        entities: Vec::new(),
        signals: Vec::new(),
        metrics: METRICS.map(str::to_owned).to_vec(),
        window: window.window.window(),
        // Few buckets: only the least, the latest and the greatest value of each are looked at.
        step: (to.0.saturating_sub(from.0) / 10).max(Micros::HOUR),
        limit: SERIES_MAX,
    };
    let mut reported = ctx.telemetry.series(&read, query).await?;
    reported.retain(|series| series.series_type == SeriesType::Quantile);
    let ends = ends_of(&estate);
    let units = units.into_iter().collect();
    Ok(HeatmapFacts { estate, window, edges, calls, ends, reported, units })
}

/// Where nothing but quantiles is held, a window without a stated range ends after the newest of them.
async fn reported_window(
    params: &LatencyHeatmapParams,
    (as_of, now): (Option<Micros>, Micros),
    window: CallWindow,
    ctx: &AskContext,
) -> Result<CallWindow, AskError> {
    let Some(Text(WindowParam::Last(micros))) = params.window else { return Ok(window) };
    let newest = ctx.telemetry.version(DataKind::Samples).await?.newest;
    let end = as_of.unwrap_or(now);
    match newest.map(|newest| newest.plus(1)) {
        Some(newest) if newest <= window.window.window().micros().0 => {
            let moved = window_ending(newest, micros);
            let chosen_by = ChosenBy::NewestData;
            let window = AnswerWindow { from: moved.from, to: moved.to, chosen_by };
            Ok(CallWindow { window, moved: Some((end, newest)) })
        }
        _ => Ok(window),
    }
}
