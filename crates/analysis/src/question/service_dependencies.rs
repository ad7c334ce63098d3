//! Who calls whom, how often and how slowly, and what requests need? One read of the estate, one of the
//! calls of the window, and the traces of it piece by piece. Cost: linear in services, calls and spans
//! but for sorting.

pub mod blast_radius;
mod entry;
mod fetch;
mod figure;
mod impact;
mod judge;
mod params;
mod path;
mod shape;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::ServiceDependenciesParams;
pub use shape::{
    CallFigures, CriticalPath, DependencySummary, EdgeSet, EntryImpact, EntryPoint, EstimatedPath,
    EstimatedStep, OperationShare, PathShares, ServiceDependenciesAnswer, ServiceEdge,
    ServiceImpact, ServiceNode, ServiceShare,
};

/// The question.
pub struct ServiceDependenciesQuestion;

#[async_trait]
impl Question for ServiceDependenciesQuestion {
    const NAME: &'static str = "service_dependencies";
    const TITLE: &'static str = "Service dependencies";
    const ABOUT: &'static str = "Who calls whom with which rate, errors and latency; cycles, \
                                 critical paths, and the share of requests that needs each service.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges, DataKind::Spans];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = ServiceDependenciesParams;
    type Answer = ServiceDependenciesAnswer;

    fn fill(params: &mut ServiceDependenciesParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: ServiceDependenciesParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<ServiceDependenciesAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        Ok(judge::judged(&params, &facts, now, ctx.limits))
    }
}
