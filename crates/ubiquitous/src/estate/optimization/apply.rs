//! Changes: what was recommended is done, measured before and after, and kept with what takes it back.

use std::time::{Duration, Instant};

use analysis::Viewer;
use analysis::optimization::{
    MeasuredPlan, OptimizationAnswer, OptimizationApplied, OptimizationEffect,
    OptimizationRecommendation,
};
use jiff::Timestamp;
use model::error::StoreResult;
use model::seam::ReadContext;
use model::workload::WorkloadStatement;
use tokio_util::sync::CancellationToken;

use super::{APPLIED, APPLIED_MAX, MEASURED, nothing};
use crate::estate::Estate;

/// Longest time for the plans before and after; an index itself takes as long as it takes.
const DEADLINE: Duration = Duration::from_secs(600);

impl Estate {
    /// Does what can be done of what is recommended; `ids` are those that are meant, empty for all. What
    /// would cost writes more than it saves is left out, also when it is named.
    ///
    /// # Errors
    /// `NotFound` when a named recommendation does not exist; a change that fails says so in the answer.
    pub async fn optimization_apply(
        &self,
        ids: &[String],
        cancel: CancellationToken,
    ) -> StoreResult<OptimizationAnswer> {
        let _one_at_a_time = self.optimizing.lock().await;
        let answer = self.optimization().await?;
        let known = |id: &String| answer.recommendations.iter().any(|one| one.id == *id);
        if let Some(unknown) = ids.iter().find(|id| !known(id)) {
            return Err(nothing(&format!("the recommendation {unknown}")));
        }
        let workload = self.workload().await?;
        let mut ctx = self.ask_context(Viewer::default(), cancel).read(None);
        ctx.deadline = Instant::now() + DEADLINE;
        let mut applied: Vec<OptimizationApplied> = self.kept(APPLIED).await?.unwrap_or_default();
        let at = Timestamp::now();
        let is_meant = |one: &&OptimizationRecommendation| {
            one.is_applicable() && (ids.is_empty() || ids.contains(&one.id))
        };
        for one in answer.recommendations.iter().filter(is_meant) {
            if ctx.cancel.is_cancelled() {
                break;
            }
            let concerned: Vec<WorkloadStatement> = workload
                .statements
                .iter()
                .filter(|ran| ran.store == one.store && one.statements.contains(&ran.name))
                .cloned()
                .collect();
            let done = self.change(&ctx, one, &concerned, at).await;
            applied.insert(0, done);
            applied.truncate(APPLIED_MAX);
            // Kept after each: what was done can be taken back whatever comes next.
            self.kept_put(APPLIED, &applied).await?;
        }
        self.optimization().await
    }

    async fn change(
        &self,
        ctx: &ReadContext,
        one: &OptimizationRecommendation,
        concerned: &[WorkloadStatement],
        at: Timestamp,
    ) -> OptimizationApplied {
        let steps = one.steps.clone().expect("only what has steps is applied");
        let before = self.measured(ctx, concerned).await;
        let done = match self.tuning(&one.store) {
            Some(tuning) => tuning.run(&steps.statements).await.map_err(|error| error.to_string()),
            None => Err("its store is not used any more".to_owned()),
        };
        let after = self.measured(ctx, concerned).await;
        let seconds = |all: &[MeasuredPlan], name: &str| {
            let one = all.iter().find(|one| one.name == name)?;
            one.plan.as_ref().ok()?.seconds
        };
        let effects = concerned.iter().map(|ran| OptimizationEffect {
            statement: ran.name.clone(),
            seconds_before: seconds(&before, &ran.name),
            seconds_after: seconds(&after, &ran.name),
        });
        let effects = effects.collect();
        if let Err(error) = self.measured_put(after).await {
            tracing::warn!(%error, "plans after a change were not kept");
        }
        OptimizationApplied {
            id: one.id.clone(),
            store: one.store.clone(),
            at,
            steps,
            error: done.err(),
            effects,
            undone_at: None,
        }
    }

    /// Takes back what was applied last and is not taken back yet, in reverse.
    ///
    /// # Errors
    /// `NotFound` when nothing is left to take back; as any write to a store.
    pub async fn optimization_undo(&self) -> StoreResult<OptimizationAnswer> {
        let _one_at_a_time = self.optimizing.lock().await;
        let mut applied: Vec<OptimizationApplied> = self.kept(APPLIED).await?.unwrap_or_default();
        let can_go =
            |one: &OptimizationApplied| one.undone_at.is_none() && !one.steps.undo.is_empty();
        let last = applied.iter().filter(|one| can_go(one)).map(|one| one.at).max();
        let last = last.ok_or_else(|| nothing("a change that can be taken back"))?;
        let places: Vec<usize> = (0..applied.len())
            .filter(|place| applied[*place].at == last && can_go(&applied[*place]))
            .collect();
        // Newest first, as they are kept: the last one that was done goes first.
        for place in places {
            let one = &applied[place];
            let tuning = self.tuning(&one.store).ok_or_else(|| nothing(&one.store))?;
            tuning.run(&one.steps.undo).await?;
            applied[place].undone_at = Some(Timestamp::now());
            self.kept_put(APPLIED, &applied).await?;
        }
        // Plans that were measured with it are no longer those that there are.
        let stale: Vec<String> = applied
            .iter()
            .filter(|one| one.at == last)
            .flat_map(|one| one.effects.iter().map(|effect| effect.statement.clone()))
            .collect();
        let mut measured: Vec<MeasuredPlan> = self.kept(MEASURED).await?.unwrap_or_default();
        measured.retain(|one| !stale.contains(&one.name));
        self.kept_put(MEASURED, &measured).await?;
        self.optimization().await
    }

    /// Keeps newer plans in place of older ones.
    async fn measured_put(&self, newer: Vec<MeasuredPlan>) -> StoreResult<()> {
        let mut measured: Vec<MeasuredPlan> = self.kept(MEASURED).await?.unwrap_or_default();
        for one in newer {
            measured.retain(|held| held.store != one.store || held.name != one.name);
            measured.push(one);
        }
        self.kept_put(MEASURED, &measured).await
    }
}
