//! How a store carries out its statements, what it holds them on, and what can be changed about it.

use async_trait::async_trait;

use super::ReadContext;
use crate::error::StoreResult;
use crate::fact::{Plan, TableReport, TuningChange, TuningSteps};
use crate::workload::WorkloadStatement;

/// Whether a statement runs for its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanMode {
    /// It does not run; everything is an estimate.
    Explained,
    /// It runs: a read in a transaction that can only read, a write in one that is rolled back.
    Measured,
}

/// Plans, tables and changes of one store.
#[async_trait]
pub trait Tuning: Send + Sync {
    /// Its name in the recorded workload.
    fn store(&self) -> &'static str;
    /// What ran since the last time, in order of name.
    fn workload_take(&self) -> Vec<WorkloadStatement>;
    /// The plan of a statement with the parameters that were recorded.
    async fn plan(
        &self,
        ctx: &ReadContext,
        statement: &WorkloadStatement,
        mode: PlanMode,
    ) -> StoreResult<Plan>;
    /// Tables, indexes and their use.
    async fn tables(&self, ctx: &ReadContext) -> StoreResult<TableReport>;
    /// What a change would run; nothing is done. `None` when this store has no such change.
    async fn steps(
        &self,
        ctx: &ReadContext,
        change: &TuningChange,
    ) -> StoreResult<Option<TuningSteps>>;
    /// Runs statements that [`Tuning::steps`] gave, one after the other, each on its own. What a broken
    /// attempt left behind is dropped and made again.
    async fn run(&self, statements: &[String]) -> StoreResult<()>;
}
