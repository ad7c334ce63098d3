//! Measuring: each statement runs once for its plan, one at a time.

use std::time::{Duration, Instant};

use analysis::optimization::{MeasuredPlan, OptimizationAnswer};
use analysis::{AskContext, QUESTIONS, Viewer};
use jiff::Timestamp;
use model::error::StoreResult;
use model::seam::{PlanMode, ReadContext};
use model::workload::{WorkloadKind, WorkloadStatement};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::{MEASURED, heaviest};
use crate::estate::Estate;

/// Longest time of one measuring.
const DEADLINE: Duration = Duration::from_secs(600);

impl Estate {
    /// Runs each recorded statement once for its plan. When nothing was recorded yet, every question that
    /// needs no parameter is asked first.
    ///
    /// # Errors
    /// As any read; a statement that cannot be measured says why in the answer.
    pub async fn optimization_measure(
        &self,
        cancel: CancellationToken,
    ) -> StoreResult<OptimizationAnswer> {
        let _one_at_a_time = self.optimizing.lock().await;
        let mut ctx = self.ask_context(Viewer::default(), cancel);
        ctx.deadline = Instant::now() + DEADLINE;
        let mut workload = self.workload().await?;
        if !workload.statements.iter().any(|one| one.kind == WorkloadKind::Read) {
            ask_everything(&ctx).await;
            workload = self.workload().await?;
        }
        let statements = heaviest(workload.statements);
        let measured = self.measured(&ctx.read(None), &statements).await;
        self.kept_put(MEASURED, &measured).await?;
        self.workload_keep().await?;
        self.optimization().await
    }

    /// The measured plans of statements that have plans.
    pub(super) async fn measured(
        &self,
        ctx: &ReadContext,
        statements: &[WorkloadStatement],
    ) -> Vec<MeasuredPlan> {
        let mut measured = Vec::new();
        for one in statements.iter().filter(|one| one.kind != WorkloadKind::Unplanned) {
            if ctx.cancel.is_cancelled() {
                break;
            }
            measured.push(MeasuredPlan {
                store: one.store.clone(),
                name: one.name.clone(),
                at: Timestamp::now(),
                plan: self.plan(ctx, one, PlanMode::Measured).await,
            });
        }
        measured
    }
}

/// Asks every question that needs no parameter, without a cache in between: what they run is recorded.
async fn ask_everything(ctx: &AskContext) {
    let uncached = AskContext { cache: None, last_good: None, ..ctx.clone() };
    for question in QUESTIONS {
        if ctx.cancel.is_cancelled() {
            return;
        }
        // What cannot be answered here has nothing to be made faster.
        let _answer = analysis::answer(*question, Value::Object(Map::new()), &uncached).await;
    }
}
