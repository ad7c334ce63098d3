//! Holds the write path still between two batches, so that what is copied then holds every batch whole.

use std::time::Duration;

use model::StoreError;
use model::error::StoreResult;
use tokio::sync::MutexGuard;

use super::{Intake, Shared};
use crate::apply::Applier;

/// Time between two looks at what is applied.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// While it lives no batch goes into the stores; what is pushed waits in the journal.
pub struct Pause<'a>(#[expect(dead_code, reason = "only held")] MutexGuard<'a, Applier>);

impl Intake {
    /// Waits until what is acknowledged by now is in the stores, and holds back what comes after.
    ///
    /// # Errors
    /// `Unavailable` when that takes longer than `patience`, with the reason where a store refuses.
    pub async fn pause(&self, patience: Duration) -> StoreResult<Pause<'_>> {
        let wanted = self.shared.journal.durable();
        let settled = async {
            while !self.shared.has_applied(wanted) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if tokio::time::timeout(patience, settled).await.is_err() {
            let why = self.status().error.map(|error| format!(": {error}")).unwrap_or_default();
            return Err(StoreError::Unavailable {
                store: "intake".to_owned(),
                since: None,
                reason: format!(
                    "acknowledged input still waits for the stores{why}; try again later"
                ),
            });
        }
        Ok(Pause(self.shared.applier.lock().await))
    }
}

impl Shared {
    /// An input whose last batch never reached the disk was never acknowledged: its batches are applied,
    /// but `applied` stays before them.
    fn has_applied(&self, number: u64) -> bool {
        *self.applied.borrow() >= number || self.journal.backlog_bytes() == 0
    }
}
