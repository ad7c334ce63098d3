//! How do services run over time, what changed, what is odd, and do they keep what they promise? Reads
//! one page of services; the window, earlier periods and 28 days in buckets. Cost: that of the reads,
//! and O(buckets²) a series.

mod fetch;
mod judge;
mod measured;
mod objective;
mod page;
mod params;
mod period;
mod reported;
mod requests;
mod saturation;
mod shape;
mod signal;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::{ServiceTrendsParams, TrendSignal};
pub use shape::{
    BurnState, BurnVerdict, ObjectiveState, ServiceTrend, ServiceTrendsAnswer, SignalTrend,
    TrendForecast, TrendForecastPoint, TrendsApdex, TrendsGrid, TrendsSummary,
};

/// The question.
pub struct ServiceTrendsQuestion;

#[async_trait]
impl Question for ServiceTrendsQuestion {
    const NAME: &'static str = "service_trends";
    const TITLE: &'static str = "Service trends";
    const ABOUT: &'static str = "How rate, errors, duration and saturation of services run over \
                                 time: trends, changes of level, anomalies, objectives and what \
                                 comes next.";
    const READS: &'static [DataKind] = &[
        DataKind::Topology,
        DataKind::Samples,
        DataKind::Edges,
        DataKind::Spans,
        DataKind::Values,
    ];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = ServiceTrendsParams;
    type Answer = ServiceTrendsAnswer;

    fn fill(params: &mut ServiceTrendsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: ServiceTrendsParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<ServiceTrendsAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        let judge = move || judge::judged(&params, &facts, now);
        let judged = tokio::task::spawn_blocking(judge).await;
        judged.map_err(|error| {
            let operation = "judge service trends".to_owned();
            let reason = error.to_string();
            AskError::Store(model::StoreError::Internal { operation, reason })
        })
    }
}
