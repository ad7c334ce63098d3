//! What runs outside the usual transactions: a write that is always rolled back, and statements that no
//! transaction can hold.

use std::sync::Arc;

use model::error::StoreResult;
use model::seam::ReadContext;
use model::workload::WorkloadStatement;

use super::{BEGIN_WRITE, Lock, Pools};
use crate::postgres::connection::Session;
use crate::postgres::error::{Outcome, store_error};

impl Pools {
    /// Runs `work` in a transaction that is rolled back whatever it gives, under the lock of batches.
    pub async fn rehearse<T, F>(
        &self,
        operation: &'static str,
        ctx: &ReadContext,
        work: impl Fn(Arc<Session>) -> F + Sync,
    ) -> StoreResult<T>
    where
        F: Future<Output = Outcome<T>> + Send,
        T: Send,
    {
        let rehearsing = async {
            let mut lease = self.lease(&self.bulk, &self.bulk_manager).await?;
            let session = lease.session();
            let begin =
                format!("{BEGIN_WRITE}; SELECT pg_advisory_xact_lock({})", Lock::Telemetry as i64);
            session.batch("begin", &begin).await?;
            let done = work(Arc::clone(&session)).await;
            session.unstage();
            lease.is_running = false;
            session.batch("rollback", "ROLLBACK").await?;
            lease.end();
            done
        };
        let deadline = tokio::time::Instant::from_std(ctx.deadline);
        tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => Err(model::StoreError::Cancelled),
            () = tokio::time::sleep_until(deadline) => {
                Err(model::StoreError::Timeout { store: super::STORE.to_owned() })
            }
            done = rehearsing => done.map_err(|failure| store_error(operation, failure)),
        }
    }

    /// A connection of its own without a time limit for statements, for changes of indexes.
    pub async fn own_client(&self) -> StoreResult<tokio_postgres::Client> {
        let client = self.bulk_manager.client().await;
        client.map_err(|error| store_error("connect", error.into()))
    }

    /// What both pools ran since the last time.
    pub fn workload_take(&self) -> Vec<WorkloadStatement> {
        self.manager.recorder.take()
    }
}
