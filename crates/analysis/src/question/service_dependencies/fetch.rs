//! The facts of `service_dependencies`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::entity::EntityId;
use model::fact::{CallFact, RootFact, TraceIds, TraceQuery};
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window};

use super::params::{ServiceDependenciesParams, WINDOW};
use crate::ask::{AskContext, AskError};
use crate::calls::{CallWindow, ends_of, windowed_calls};
use crate::entry_point::traced_of;
use crate::estate::{Estate, all_named, estate};
use crate::need::{MeasuredNeeds, measured_needs};
use crate::trace_tally::{CallNeeds, TraceTally};
use crate::traced_entry::TracedEntries;
use crate::unit::with_below;

/// Everything that is judged.
#[derive(Debug, Clone)]
pub(super) struct DependencyFacts {
    /// The estate.
    pub estate: Arc<Estate>,
    /// The window.
    pub window: CallWindow,
    /// Version of the calls.
    pub edges: Version,
    /// Calls of the window.
    pub calls: Vec<CallFact>,
    /// Spans without a parent in the window.
    pub roots: Vec<RootFact>,
    /// Needs that traces show.
    pub needs: MeasuredNeeds,
    /// Entry points and clients, as traces show them.
    pub traced: TracedEntries,
    /// What the traces tell.
    pub tally: TraceTally,
    /// Traces in the window.
    pub traces_total: u64,
    /// Entities that may be ends of calls.
    pub ends: HashMap<EntityId, u32>,
    /// Where to start from, if anywhere.
    pub starts: Vec<u32>,
    /// Entry points asked for; empty for all.
    pub entries: Vec<u32>,
    /// Units asked for and all below them.
    pub units: BTreeSet<String>,
}

/// Traces read at once.
const CHUNK: usize = 1_000;

pub(super) async fn facts(
    params: &ServiceDependenciesParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<DependencyFacts, AskError> {
    let read = ctx.read(params.as_of);
    let estate = estate(ctx, params.as_of).await?;
    let starts = all_named(ctx, params.as_of, &estate, &params.root).await?;
    let entries = all_named(ctx, params.as_of, &estate, &params.entry).await?;
    let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let edges = ctx.telemetry.version(DataKind::Edges).await?;
    let at = (params.as_of, now);
    let (window, calls) = windowed_calls(ctx, params.window.as_ref(), WINDOW, at).await?;
    let roots = ctx.telemetry.roots(&read, window.window.window()).await?;
    let needs = measured_needs(ctx, params.as_of, now, &estate).await?;
    let ends = ends_of(&estate);
    let traced = traced_of(&estate, &roots, &calls, &ends);
    let limit = params.traces.unwrap_or(0) as usize;
    let clients = traced.clients.iter().copied().collect();
    let call_needs = call_needs(&estate, &needs);
    let window_read = window.window.window();
    let (tally, traces_total) =
        traces(ctx, &read, (window_read, limit), &clients, &call_needs).await?;
    Ok(DependencyFacts {
        estate,
        window,
        edges,
        calls,
        roots,
        needs,
        traced,
        tally,
        traces_total,
        ends,
        starts,
        entries,
        units: units.into_iter().collect(),
    })
}

/// Needs by internal ids, as traces name services.
fn call_needs(estate: &Estate, measured: &MeasuredNeeds) -> CallNeeds {
    let id = |ordinal: u32| estate.entity(ordinal).entity;
    let services = estate.of_kind(model::EntityKind::Service);
    let stated = services.flat_map(|one| estate.from(one));
    let calls = stated.filter(|one| one.kind == model::RelationKind::Calls);
    let mut needs: CallNeeds = calls.map(|one| ((id(one.from), id(one.to)), one.need)).collect();
    needs.extend(measured.iter().map(|((from, to), (need, _))| ((id(*from), id(*to)), *need)));
    needs
}

/// Reads traces piece by piece: only sums of them are kept.
async fn traces(
    ctx: &AskContext,
    read: &ReadContext,
    (window, limit): (Window, usize),
    clients: &BTreeSet<EntityId>,
    needs: &CallNeeds,
) -> Result<(TraceTally, u64), AskError> {
    let mut tally = TraceTally::default();
    if limit == 0 {
        return Ok((tally, 0));
    }
    let TraceIds { traces, total } =
        ctx.telemetry.trace_ids(read, TraceQuery { window, limit }).await?;
    for some in traces.chunks(CHUNK) {
        for trace in ctx.telemetry.traces(read, some).await? {
            tally.add(&trace, clients, needs);
        }
    }
    Ok((tally, total))
}

impl DependencyFacts {
    /// Spans without a parent by service: requests, failed ones and durations.
    pub fn roots_by_service(&self) -> BTreeMap<u32, Vec<&RootFact>> {
        let mut found: BTreeMap<u32, Vec<&RootFact>> = BTreeMap::new();
        for root in &self.roots {
            let is_request = !root.kind.is_caller() && root.kind != model::span::SpanKind::Internal;
            if let Some(service) = self.ends.get(&root.service).filter(|_| is_request) {
                found.entry(*service).or_default().push(root);
            }
        }
        found
    }
}
