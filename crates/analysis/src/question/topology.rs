//! What exists and how is it connected? One read of the part of the estate asked about; above the
//! limit groups of entities instead of a cut list. Cost: that of one bounded read and a layout of at most
//! 150 nodes.

mod answer;
pub mod overlay;
mod params;
mod shape;
mod table;

use async_trait::async_trait;
use model::envelope::{Coverage, Warning};
use model::error::StoreError;
use model::fact::{AggregateBy, EntityFact, TopologyFacts, TopologyQuery};
use model::kind::EntityKind;
use model::seam::{DataKind, ReadContext};
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::estate::namesakes;
use crate::question::{Draft, Question};

pub use params::{Grouping, LabelParam, TopologyParams};
pub use shape::{
    ControllerCount, KindCount, RelationCount, TopologyAnswer, TopologyChanges, TopologyGroup,
    TopologySummary,
};

/// The question.
pub struct TopologyQuestion;

#[async_trait]
impl Question for TopologyQuestion {
    const NAME: &'static str = "topology";
    const TITLE: &'static str = "Infrastructure topology";
    const ABOUT: &'static str = "What exists and how it is connected, now, at an earlier instant, \
                                 or as the difference between two.";
    const READS: &'static [DataKind] = &[DataKind::Topology];
    const STEP: Option<i64> = None;
    type Params = TopologyParams;
    type Answer = TopologyAnswer;

    fn fill(params: &mut TopologyParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: TopologyParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<TopologyAnswer>, AskError> {
        let mut query = params.query();
        if params.may_group() {
            query.or_by = PREFERENCE.to_vec();
            query.groups_max = query.limit.min(ctx.limits.layout_nodes);
        }
        let read = ctx.read(params.as_of);
        let facts = ctx.topology.topology(&read, query.clone()).await?;
        check_roots(&params, &facts)?;
        note_namesakes(&params, &facts, &read, ctx).await?;
        let grouping = facts.grouped_by.or(query.aggregate_by);
        let chosen = grouping.filter(|_| query.aggregate_by.is_none());
        let comparison = match params.compare_to {
            Some(before) => {
                let all = TopologyQuery { aggregate_by: None, after: None, ..query.clone() };
                Some((before, ctx.topology.topology_comparison(&read, all, before).await?))
            }
            None => None,
        };
        let as_of = params.as_of.unwrap_or(now);
        let mut draft = answer::drafted(&params, facts, grouping, comparison, as_of, ctx.limits);
        if let Some(by) = chosen {
            draft.warnings.insert(0, grouped_warning(by, &draft.answer, query.limit));
        }
        Ok(draft)
    }
}

/// Groupings in the order in which they are tried where there is too much for a list: what people think
/// in, before what machines are in.
const PREFERENCE: [AggregateBy; 6] = [
    AggregateBy::Application,
    AggregateBy::Team,
    AggregateBy::Namespace,
    AggregateBy::Cluster,
    AggregateBy::Account,
    AggregateBy::Kind,
];

/// Most entities of a root's name that are looked up.
const NAMESAKES_READ: usize = 10;

/// Roots are part of the answer whatever the filters say, so nothing at all means that no root was
/// found: an error, not an empty answer.
fn check_roots(params: &TopologyParams, facts: &TopologyFacts) -> Result<(), AskError> {
    if params.root.is_empty() || facts.entity_total > 0 {
        return Ok(());
    }
    Err(AskError::Store(StoreError::NotFound { what: params.root.join(", ") }))
}

/// Names that are given instead of ids and that several things have: which one is meant.
async fn note_namesakes(
    params: &TopologyParams,
    facts: &TopologyFacts,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<(), AskError> {
    for root in &params.root {
        let mut called = facts.roots.iter().filter(|one| one.name == *root);
        let Some(meant) = called.next() else { continue };
        if facts.roots.iter().any(|one| one.id == *root) {
            continue;
        }
        let hits = ctx.topology.search(read, root, NAMESAKES_READ).await?;
        let same = hits.into_iter().filter(|one| one.name == *root);
        let mut same: Vec<EntityFact> =
            same.map(|one| EntityFact::new(one.kind, one.id, one.name)).collect();
        let services = same.iter().filter(|one| one.kind == EntityKind::Service);
        let service = services.clone().next().cloned().filter(|_| services.count() == 1);
        let meant = service.unwrap_or_else(|| meant.clone());
        same.retain(|one| one.id != meant.id);
        if let Some(note) = namesakes(root, &meant, same.iter()) {
            ctx.progress.note(note);
        }
    }
    Ok(())
}

fn grouped_warning(by: AggregateBy, answer: &TopologyAnswer, limit: usize) -> Warning {
    let by = Grouping::of(by).as_str();
    let message = format!(
        "{} entities are above the limit of {limit}; they are grouped by {by}. Narrow the place, \
         start from a root, or ask with aggregate_by=none to page through them",
        answer.summary.entities
    );
    Warning::new("aggregated", message)
}

/// Entities whose sources still report them, of all that are given.
fn confirmed(facts: &TopologyFacts) -> Coverage {
    let with = facts.entities.iter().filter(|entity| entity.state == "current").count();
    Coverage::new(with as u64, facts.entities.len() as u64)
}
