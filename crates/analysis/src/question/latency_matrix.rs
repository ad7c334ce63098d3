//! Which communication between services got slower, and since when? Each pair of caller and callee
//! against its own past. Cost: one read of calls in buckets for the window and each earlier period, and
//! O(buckets²) a pair.

mod fetch;
mod harm;
mod judge;
mod pair;
mod params;
mod reported;
mod shape;
mod state;
mod table;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub use params::{LatencyMatrixParams, MatrixSide};
pub use shape::{
    LatencyMatrixAnswer, MatrixHarm, MatrixPair, MatrixState, MatrixSummary, MatrixUsual,
    MatrixValues,
};

/// The question.
pub struct LatencyMatrixQuestion;

#[async_trait]
impl Question for LatencyMatrixQuestion {
    const NAME: &'static str = "latency_matrix";
    const TITLE: &'static str = "Latency matrix";
    const ABOUT: &'static str = "Which communication between services got slower or fails more than \
                                 is usual for it, since when, and how many requests that harmed.";
    const READS: &'static [DataKind] = &[DataKind::Topology, DataKind::Edges];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = LatencyMatrixParams;
    type Answer = LatencyMatrixAnswer;

    fn fill(params: &mut LatencyMatrixParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: LatencyMatrixParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<LatencyMatrixAnswer>, AskError> {
        let facts = fetch::facts(&params, now, ctx).await?;
        let judge = move || judge::judged(&params, &facts, now);
        let judged = tokio::task::spawn_blocking(judge).await;
        judged.map_err(|error| {
            let operation = "judge the latency matrix".to_owned();
            let reason = error.to_string();
            AskError::Store(model::StoreError::Internal { operation, reason })
        })?
    }
}
