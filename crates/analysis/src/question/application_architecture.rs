//! What does each application consist of? One read of the estate, one of the calls of the window, one of
//! health, one of costs, one of incidents and one of findings; applications are what organisation data, labels or namespaces say, and else
//! what their entry points dominate. Cost: linear in services, calls and replicas.

mod fetch;
mod group;
mod harm;
mod judge;
mod layer;
mod params;
mod part;
mod shape;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::ApplicationArchitectureParams;
pub use shape::{
    Application, ApplicationArchitectureAnswer, ApplicationPart, ApplicationRule, ApplicationStore,
    ApplicationWorkload, ArchitectureSummary, HotSpot, NamedCount,
};

/// The question.
pub struct ApplicationArchitectureQuestion;

#[async_trait]
impl Question for ApplicationArchitectureQuestion {
    const NAME: &'static str = "application_architecture";
    const TITLE: &'static str = "Application architecture";
    const ABOUT: &'static str = "What each application consists of: entry points, layers, services, \
                                 workloads, stores, zones, owners, health and cost.";
    const READS: &'static [DataKind] = &[
        DataKind::Topology,
        DataKind::Edges,
        DataKind::Spans,
        DataKind::Samples,
        DataKind::Charges,
        DataKind::Incidents,
        DataKind::Findings,
        DataKind::Decisions,
    ];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    const IS_WHOLE: bool = true;
    type Params = ApplicationArchitectureParams;
    type Answer = ApplicationArchitectureAnswer;

    fn fill(params: &mut ApplicationArchitectureParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: ApplicationArchitectureParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<ApplicationArchitectureAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        judge::judged(&params, &facts, now)
    }
}
