//! How healthy is what runs, now? One read of the signals in the window and one of the entities
//! concerned; the judgement is a readable table of limits. Cost: that of both reads.

mod chart;
mod check;
mod fetch;
mod judge;
pub(crate) mod latency;
mod params;
mod read;
mod shape;
pub(crate) mod state;
mod table;
mod threshold;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::SystemMetricsParams;
pub use shape::{
    Bound, ChartPoint, ChartSeries, CheckResult, EntityHealth, HealthCheck, ReportedQuantile,
    ScopeHealth, SourceFreshness, Status, StatusCounts, SystemMetricsAnswer, ThresholdRow,
};

/// The question.
pub struct SystemMetricsQuestion;

#[async_trait]
impl Question for SystemMetricsQuestion {
    const NAME: &'static str = "system_metrics";
    const TITLE: &'static str = "Health";
    const ABOUT: &'static str = "How healthy nodes, instances, pods, services and databases are \
                                 now, with the limit and the value behind each status.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Samples];
    const STEP: Option<i64> = Some(10 * Micros::SECOND);
    const STALE_MAX: i64 = 10 * Micros::MINUTE;
    type Params = SystemMetricsParams;
    type Answer = SystemMetricsAnswer;

    fn fill(params: &mut SystemMetricsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: SystemMetricsParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<SystemMetricsAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        judge::judged(&params, &facts, now)
    }
}
