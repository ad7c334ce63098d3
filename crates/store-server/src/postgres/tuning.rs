//! Plans, tables and indexes of PostgreSQL. A plan is that of the statement executed under the mode in use,
//! with the parameters of a recorded run; indexes are made and dropped without locking writers out.

mod change;
mod plan;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use model::error::StoreResult;
use model::fact::{Plan, TableReport, TuningChange, TuningSteps};
use model::seam::{PlanMode, ReadContext, Tuning};
use model::workload::{WorkloadKind, WorkloadStatement};

use super::connection::Session;
use super::error::{Failure, Outcome};
use super::pool::Pools;
use super::statement::positioned;
use super::telemetry::write::STAGE;

/// How long a statement may run to be measured.
const MEASURE_TIME: Duration = Duration::from_secs(30);

/// How many statements were explained: each has a name of its own.
static EXPLAINED: AtomicU64 = AtomicU64::new(0);

/// Plans, tables and changes.
#[derive(Debug)]
pub struct PostgresTuning {
    pools: Arc<Pools>,
}

impl PostgresTuning {
    /// Over these connections.
    pub fn new(pools: Arc<Pools>) -> Self {
        Self { pools }
    }
}

#[async_trait]
impl Tuning for PostgresTuning {
    fn store(&self) -> &'static str {
        "postgresql"
    }

    fn workload_take(&self) -> Vec<WorkloadStatement> {
        self.pools.workload_take()
    }

    async fn plan(
        &self,
        ctx: &ReadContext,
        statement: &WorkloadStatement,
        mode: PlanMode,
    ) -> StoreResult<Plan> {
        let roots = self
            .pools
            .read("partitions", ctx, |session| async move { table::roots(&session).await });
        let roots = &roots.await?;
        let work = |session: Arc<Session>| async move {
            let text = explained(&session, statement, mode).await?;
            plan::plan_from_json(&text, roots).map_err(Failure::Row)
        };
        match statement.kind {
            WorkloadKind::Read => self.pools.read("explain", ctx, work).await,
            _ => self.pools.rehearse("explain", ctx, work).await,
        }
    }

    async fn tables(&self, ctx: &ReadContext) -> StoreResult<TableReport> {
        let work = |session: Arc<Session>| async move { table::report(&session).await };
        self.pools.read("tables", ctx, work).await
    }

    async fn steps(
        &self,
        ctx: &ReadContext,
        change: &TuningChange,
    ) -> StoreResult<Option<TuningSteps>> {
        let work = |session: Arc<Session>| async move { change::steps(&session, change).await };
        self.pools.read("steps", ctx, work).await.map(Some)
    }

    async fn run(&self, statements: &[String]) -> StoreResult<()> {
        let client = self.pools.own_client().await?;
        change::run(&client, statements).await
    }
}

/// What the server says of a statement as it is executed.
async fn explained(
    session: &Session,
    statement: &WorkloadStatement,
    mode: PlanMode,
) -> Outcome<String> {
    let is_staged = statement.text.contains("stage");
    if statement.kind == WorkloadKind::Write && is_staged {
        if mode == PlanMode::Measured {
            let reason = "it works on the rows of a batch, which are gone when it has ended";
            return Err(Failure::Row(reason.to_owned()));
        }
        session.stage(STAGE).await?;
    }
    let left = MEASURE_TIME.as_millis();
    session.batch("explain_time", &format!("SET LOCAL statement_timeout = {left}")).await?;
    let names: Vec<&str> = statement.parameters.iter().map(|one| one.name.as_str()).collect();
    let text = positioned(&statement.text, &names);
    let text = text.trim().trim_end_matches(';');
    let values: Vec<&str> = statement.parameters.iter().map(|one| one.value.as_str()).collect();
    let call = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    // A name of its own: what a failed attempt left on the connection does not get in the way.
    let name = format!("explained_{}", EXPLAINED.fetch_add(1, Ordering::Relaxed));
    session.batch("explain_prepare", &format!("PREPARE {name} AS {text}")).await?;
    let options = match mode {
        PlanMode::Explained => "FORMAT JSON, VERBOSE",
        PlanMode::Measured => "FORMAT JSON, VERBOSE, ANALYZE, BUFFERS",
    };
    let said = session.text(&format!("EXPLAIN ({options}) EXECUTE {name}{call}")).await;
    if said.is_ok() {
        session.batch("explain_end", &format!("DEALLOCATE {name}")).await?;
    }
    said
}
