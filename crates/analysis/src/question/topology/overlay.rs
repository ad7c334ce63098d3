//! What lies over the topology: health, monthly cost, open incidents and open findings of the entities
//! that `topology` gives for the same parameters. Cost: one bounded read, one of health, one of charges, one
//! of incidents and one of the findings held.

mod judge;
mod shape;

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::envelope::StoreFreshness;
use model::fact::{CostDimension, CostQuery};
use model::seam::DataKind;
use model::time::{Micros, Window};

use super::{TopologyParams, check_roots};
use crate::ask::{AskContext, AskError};
use crate::incident::incidents;
use crate::question::security_events::open_findings;
use crate::question::system_metrics::{Status, SystemMetricsParams, SystemMetricsQuestion};
use crate::question::{Draft, Question};
use crate::unit::telemetry_read;

pub use shape::{OverlayRow, TopologyOverlayAnswer};

/// The view.
pub struct TopologyOverlayQuestion;

/// Time whose cost is given.
const COST_WINDOW: i64 = 30 * Micros::DAY;
/// Entities whose health is looked up.
const HEALTH_MAX: u32 = 1_000;

#[async_trait]
impl Question for TopologyOverlayQuestion {
    const NAME: &'static str = "topology/overlay";
    const TITLE: &'static str = "Topology overlay";
    const ABOUT: &'static str = "Health, cost, open incidents and open findings of the entities that \
                                 topology gives.";
    const READS: &'static [DataKind] = &[
        DataKind::Topology,
        DataKind::Samples,
        DataKind::Charges,
        DataKind::Incidents,
        DataKind::Findings,
        DataKind::Decisions,
    ];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = TopologyParams;
    type Answer = TopologyOverlayAnswer;

    fn fill(params: &mut TopologyParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: TopologyParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<TopologyOverlayAnswer>, AskError> {
        let query = model::fact::TopologyQuery { aggregate_by: None, ..params.query() };
        let facts = ctx.topology.topology(&ctx.read(params.as_of), query).await?;
        check_roots(&params, &facts)?;
        let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
        let open = incidents(ctx, &read).await?.into_iter();
        let open = open.filter(|one| one.is_open() && one.counted_under.is_none());
        let over = judge::Over {
            health: health(&params, &facts, now, ctx).await?,
            charges: charges(&params, now, ctx).await?,
            incidents: open.collect(),
            findings: open_findings(ctx, params.as_of).await?,
        };
        let as_of = params.as_of.unwrap_or(now);
        let answer = judge::judged(&facts, &over);
        let mut draft = Draft::new(answer, as_of);
        draft.stores = vec![StoreFreshness::of("topology", facts.version)];
        let given = facts.entities.len() as u64;
        if facts.entity_total > given {
            draft.truncated.insert("entities".to_owned(), facts.entity_total);
            draft.next = facts.entities.last().map(|one| one.id.clone());
        }
        draft.tables = draft.answer.tables();
        Ok(draft)
    }
}

/// Health of what has one, the worst first as far as one answer goes.
async fn health(
    params: &TopologyParams,
    facts: &model::fact::TopologyFacts,
    now: Micros,
    ctx: &AskContext,
) -> Result<BTreeMap<String, Status>, AskError> {
    let mut kinds: Vec<_> = facts.entities.iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut asked = SystemMetricsParams {
        as_of: params.as_of,
        account: params.account.clone(),
        region: params.region.clone(),
        cluster: params.cluster.clone(),
        namespace: params.namespace.clone(),
        environment: params.environment.clone(),
        unit: params.unit.clone(),
        kind: kinds,
        limit: Some(HEALTH_MAX),
        ..SystemMetricsParams::default()
    };
    SystemMetricsQuestion::fill(&mut asked)?;
    let draft = SystemMetricsQuestion::ask(asked, params.as_of.unwrap_or(now), ctx).await?;
    Ok(draft.answer.entities.into_iter().map(|one| (one.id, one.status)).collect())
}

/// Effective costs of the thirty days before the newest charge, by resource; `None` without charges.
async fn charges(
    params: &TopologyParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<Option<Vec<model::fact::CostRow>>, AskError> {
    let newest = ctx.telemetry.version(DataKind::Charges).await?.newest;
    let Some(newest) = newest else { return Ok(None) };
    let end = newest.min(params.as_of.unwrap_or(now)).plus(1);
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let query = CostQuery {
        window: Some(Window { from: end.plus(-COST_WINDOW).timestamp(), to: end.timestamp() }),
        dimensions: vec![CostDimension::Resource],
        ..CostQuery::default()
    };
    Ok(Some(ctx.telemetry.cost(&read, query).await?))
}
