//! What the store does by itself while it is open: hours that got late rows are rolled up again, and what
//! is older than retention says goes.

use std::time::Duration;

use model::Micros;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Store;
use crate::telemetry::Retention;

/// How often what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaintenanceSchedule {
    /// Between two looks for hours to roll up again.
    pub rebuild_every: Duration,
    /// Between two rounds of retention; the first comes with the first look.
    pub retain_every: Duration,
    /// How long rows are kept.
    pub retention: Retention,
}

impl Default for MaintenanceSchedule {
    fn default() -> Self {
        Self {
            rebuild_every: Duration::from_secs(60),
            retain_every: Duration::from_secs(60 * 60),
            retention: Retention::default(),
        }
    }
}

/// The running task; it also ends when this is dropped.
#[derive(Debug)]
pub struct Maintenance {
    stop: DropGuard,
    task: tokio::task::JoinHandle<()>,
}

impl Maintenance {
    /// Starts it on the current runtime.
    pub fn start(store: &Store, schedule: MaintenanceSchedule) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(store.clone(), schedule, stop.clone()));
        Self { stop: stop.drop_guard(), task }
    }

    /// Ends it; what it has begun is finished.
    pub async fn stop(self) {
        drop(self.stop);
        if self.task.await.is_err() {
            tracing::error!("the maintenance of the store ended by a panic");
        }
    }
}

async fn run(store: Store, schedule: MaintenanceSchedule, stop: CancellationToken) {
    let mut retained: Option<tokio::time::Instant> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(schedule.rebuild_every) => {}
        }
        let jobs = store.telemetry_jobs();
        if let Err(error) = jobs.rebuild_if_dirty().await {
            tracing::warn!(%error, "hours with late rows stay to be rolled up again");
        }
        if retained.is_some_and(|at| at.elapsed() < schedule.retain_every) {
            continue;
        }
        let now = Micros::of(jiff::Timestamp::now());
        match jobs.retain(schedule.retention, now).await {
            Ok(outcome) => {
                retained = Some(tokio::time::Instant::now());
                tracing::debug!(?outcome, "retention");
            }
            Err(error) => tracing::warn!(%error, "retention is tried again"),
        }
    }
}
