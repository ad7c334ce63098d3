//! The facts of `application_architecture`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::entity::EntityId;
use model::fact::{CallFact, CostDimension, CostQuery, CostRow};
use model::kind::EntityKind;
use model::seam::{DataKind, Version};
use model::time::{Micros, Window};

use super::params::{ApplicationArchitectureParams, WINDOW};
use crate::ask::{AskContext, AskError};
use crate::calls::{CallWindow, ends_of, windowed_calls};
use crate::entry_point::traced_of;
use crate::estate::{Estate, estate};
use crate::incident::incidents;
use crate::need::{MeasuredNeeds, measured_needs};
use crate::question::Question;
use crate::question::security_events::{OpenFinding, open_findings};
use crate::question::system_metrics::{Status, SystemMetricsParams, SystemMetricsQuestion};
use crate::traced_entry::TracedEntries;
use crate::unit::{telemetry_read, with_below};

/// Everything that is judged.
#[derive(Debug, Clone)]
pub(super) struct ArchitectureFacts {
    /// The estate.
    pub estate: Arc<Estate>,
    /// The window.
    pub window: CallWindow,
    /// Version of the calls.
    pub edges: Version,
    /// Calls of the window.
    pub calls: Vec<CallFact>,
    /// Needs that traces show.
    pub needs: MeasuredNeeds,
    /// Entry points, as traces show them.
    pub traced: TracedEntries,
    /// Entities that may be ends of calls.
    pub ends: HashMap<EntityId, u32>,
    /// Health by canonical id, of what has one.
    pub health: BTreeMap<String, Status>,
    /// Costs by application.
    pub costs: Vec<CostRow>,
    /// Names of what each incident that goes on harms.
    pub open_incidents: Vec<Vec<String>>,
    /// Open findings.
    pub open_findings: Vec<OpenFinding>,
    /// Units asked for and all below them.
    pub units: BTreeSet<String>,
}

/// Time whose cost is given.
const COST_WINDOW: i64 = 30 * Micros::DAY;

pub(super) async fn facts(
    params: &ApplicationArchitectureParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<ArchitectureFacts, AskError> {
    let read = ctx.read(params.as_of);
    let estate = estate(ctx, params.as_of).await?;
    let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let edges = ctx.telemetry.version(DataKind::Edges).await?;
    let at = (params.as_of, now);
    let (window, calls) = windowed_calls(ctx, params.window.as_ref(), WINDOW, at).await?;
    let roots = ctx.telemetry.roots(&read, window.window.window()).await?;
    let needs = measured_needs(ctx, params.as_of, now, &estate).await?;
    let ends = ends_of(&estate);
    let traced = traced_of(&estate, &roots, &calls, &ends);
    let health = health(params, now, ctx).await?;
    let costs = costs(params, now, ctx).await?;
    Ok(ArchitectureFacts {
        estate,
        window,
        edges,
        calls,
        needs,
        traced,
        ends,
        health,
        costs,
        open_incidents: open_incidents(params, ctx).await?,
        open_findings: open_findings(ctx, params.as_of).await?,
        units: units.into_iter().collect(),
    })
}

/// Health of services, workloads and pods, the worst first as far as one answer goes.
async fn health(
    params: &ApplicationArchitectureParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<BTreeMap<String, Status>, AskError> {
    let mut found = BTreeMap::new();
    // Apart, so that pods that are worse do not crowd services out.
    for kinds in [vec![EntityKind::Service], vec![EntityKind::Workload, EntityKind::Pod]] {
        let mut asked = SystemMetricsParams {
            as_of: params.as_of,
            cluster: params.cluster.clone(),
            namespace: params.namespace.clone(),
            kind: kinds,
            limit: Some(1_000),
            ..SystemMetricsParams::default()
        };
        SystemMetricsQuestion::fill(&mut asked)?;
        let draft = SystemMetricsQuestion::ask(asked, params.as_of.unwrap_or(now), ctx).await?;
        found.extend(draft.answer.entities.into_iter().map(|one| (one.id, one.status)));
    }
    Ok(found)
}

/// What each incident that goes on harms; one that is counted under another is not counted again.
async fn open_incidents(
    params: &ApplicationArchitectureParams,
    ctx: &AskContext,
) -> Result<Vec<Vec<String>>, AskError> {
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let all = incidents(ctx, &read).await?.into_iter();
    let open = all.filter(|one| one.is_open() && one.counted_under.is_none());
    let harmed = open.map(|one| one.subjects.into_iter().map(|subject| subject.id).collect());
    Ok(harmed.collect())
}

async fn costs(
    params: &ApplicationArchitectureParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<Vec<CostRow>, AskError> {
    let newest = ctx.telemetry.version(DataKind::Charges).await?.newest;
    let Some(newest) = newest else { return Ok(Vec::new()) };
    let end = newest.min(params.as_of.unwrap_or(now)).plus(1);
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let from = end.plus(-COST_WINDOW).timestamp();
    let query = CostQuery {
        window: Some(Window { from, to: end.timestamp() }),
        dimensions: vec![CostDimension::Application],
        ..CostQuery::default()
    };
    Ok(ctx.telemetry.cost(&read, query).await?)
}
