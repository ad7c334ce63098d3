//! Optimisation of the stores: what they ran is kept in the records, plans are explained when asked for and
//! measured on demand one at a time, and what was changed is kept with what takes it back.

mod apply;
mod measure;

use std::sync::Arc;

use analysis::Viewer;
use analysis::optimization::{
    MeasuredPlan, OptimizationAnswer, OptimizationApplied, OptimizationFacts, SizePast,
    StatementFact, optimize,
};
use jiff::{SignedDuration, Timestamp};
use model::StoreError;
use model::error::StoreResult;
use model::fact::TableReport;
use model::seam::{PlanMode, ReadContext, Tuning};
use model::workload::{Workload, WorkloadKind, WorkloadStatement};
use tokio_util::sync::CancellationToken;

use super::Estate;

/// Names under which it is kept.
const WORKLOAD: &str = "optimization_workload";
const MEASURED: &str = "optimization_measured";
const APPLIED: &str = "optimization_applied";
const SIZES: &str = "optimization_sizes";

/// Statements of one store that are explained: those that take most time.
const STATEMENTS_MAX: usize = 60;
/// Recommendations whose statements are worked out.
const STEPS_MAX: usize = 50;
/// Changes that are kept.
const APPLIED_MAX: usize = 100;
/// Days of which sizes are kept.
const SIZES_MAX: usize = 60;
/// Least time between two sizes.
const SIZES_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How often the workload is kept while the program serves.
const KEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(600);

impl Estate {
    /// How the stores do their work and what would help. Statements are explained; none runs.
    ///
    /// # Errors
    /// As any read of the records.
    pub async fn optimization(&self) -> StoreResult<OptimizationAnswer> {
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let facts = self.optimization_facts(&ctx).await?;
        let applied: Vec<OptimizationApplied> = self.kept(APPLIED).await?.unwrap_or_default();
        let mut answer = optimize(&facts, applied);
        for one in answer.recommendations.iter_mut().take(STEPS_MAX) {
            let Some(change) = &one.change else { continue };
            if let Some(tuning) = self.tuning(&one.store) {
                // What cannot be worked out now is for a person to do.
                one.steps = tuning.steps(&ctx, change).await.ok().flatten();
            }
        }
        // The answer's tables say what can be applied.
        answer.tables = analysis::optimization::tables(&answer);
        Ok(answer)
    }

    /// Keeps what ran since the last time, and the sizes of a new day.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn workload_keep(&self) -> StoreResult<()> {
        let workload = self.workload().await?;
        self.kept_put(WORKLOAD, &workload).await?;
        let mut sizes: Vec<SizePast> = self.kept(SIZES).await?.unwrap_or_default();
        let now = Timestamp::now();
        if sizes.last().is_some_and(|last| now.duration_since(last.at) < SIZES_EVERY) {
            return Ok(());
        }
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let told: Vec<TableReport> =
            self.table_reports(&ctx).await.into_iter().filter_map(Result::ok).collect();
        sizes.push(SizePast::of(now, &told));
        let surplus = sizes.len().saturating_sub(SIZES_MAX);
        sizes.drain(..surplus);
        self.kept_put(SIZES, &sizes).await
    }

    /// What ran, here since the start and before as it was kept.
    async fn workload(&self) -> StoreResult<Workload> {
        let mut held = self.workload.lock().await;
        let now = Timestamp::now();
        let mut workload = match held.take() {
            Some(workload) => workload,
            None => self.kept(WORKLOAD).await?.unwrap_or_else(|| Workload::new(now)),
        };
        for tuning in self.tunings() {
            workload.add(tuning.workload_take(), now);
        }
        *held = Some(workload.clone());
        Ok(workload)
    }

    async fn optimization_facts(&self, ctx: &ReadContext) -> StoreResult<OptimizationFacts> {
        let workload = self.workload().await?;
        let mut measured: Vec<MeasuredPlan> = self.kept(MEASURED).await?.unwrap_or_default();
        let mut statements = Vec::new();
        for statement in heaviest(workload.statements) {
            let explained = self.plan(ctx, &statement, PlanMode::Explained).await;
            let is_of =
                |one: &MeasuredPlan| one.store == statement.store && one.name == statement.name;
            let place = measured.iter().position(is_of);
            let measured = place.map(|place| measured.swap_remove(place));
            statements.push(StatementFact { statement, explained, measured });
        }
        Ok(OptimizationFacts {
            now: Timestamp::now(),
            since: workload.since,
            statements,
            reports: self.table_reports(ctx).await,
            sizes: self.kept(SIZES).await?.unwrap_or_default(),
        })
    }

    /// The plan of a statement, or why there is none.
    async fn plan(
        &self,
        ctx: &ReadContext,
        statement: &WorkloadStatement,
        mode: PlanMode,
    ) -> Result<model::fact::Plan, String> {
        if statement.kind == WorkloadKind::Unplanned {
            return Err("a copy, a call or a change of the schema has no plan".to_owned());
        }
        if statement.text.is_empty() {
            return Err("no run with parameters that can be repeated was recorded".to_owned());
        }
        let tuning = self.tuning(&statement.store).ok_or("its store is not used any more")?;
        tuning.plan(ctx, statement, mode).await.map_err(|error| error.to_string())
    }

    async fn table_reports(&self, ctx: &ReadContext) -> Vec<Result<TableReport, (String, String)>> {
        let mut reports = Vec::new();
        for tuning in self.tunings() {
            let report = tuning.tables(ctx).await.map(|mut report| {
                if report.bytes_max.is_none() && self.database_limit_bytes > 0 {
                    report.bytes_max = report.bytes.map(|_| self.database_limit_bytes);
                }
                report
            });
            reports.push(report.map_err(|error| (tuning.store().to_owned(), error.to_string())));
        }
        reports
    }

    fn tunings(&self) -> Vec<Arc<dyn Tuning>> {
        self.stores.tunings()
    }

    fn tuning(&self, store: &str) -> Option<Arc<dyn Tuning>> {
        self.tunings().into_iter().find(|tuning| tuning.store() == store)
    }
}

/// Of each store the statements that take most time, in order of store and time.
fn heaviest(mut statements: Vec<WorkloadStatement>) -> Vec<WorkloadStatement> {
    statements.sort_by(|one, other| {
        let by_time = other.seconds_total.total_cmp(&one.seconds_total);
        one.store.cmp(&other.store).then(by_time).then_with(|| one.name.cmp(&other.name))
    });
    let mut found: Vec<WorkloadStatement> = Vec::new();
    let mut of_store = 0;
    for one in statements {
        of_store = match found.last() {
            Some(last) if last.store == one.store => of_store + 1,
            _ => 1,
        };
        if of_store <= STATEMENTS_MAX {
            found.push(one);
        }
    }
    found
}

/// Keeps the workload again and again until `stop`.
pub async fn schedule(estate: Arc<Estate>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(KEEP_EVERY) => {}
        }
        if let Err(error) = estate.workload_keep().await {
            tracing::warn!(%error, "the recorded workload was not kept");
        }
    }
}

/// What a person who asks for too much at once is told.
fn nothing(what: &str) -> StoreError {
    StoreError::NotFound { what: what.to_owned() }
}
