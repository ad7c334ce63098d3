//! What is done to stored telemetry while nobody asks: hours that got late rows are rolled up again, and
//! what is older than retention says goes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::Micros;
use model::retention::{Retention, Upkeep};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Between two looks for hours to roll up again.
const REBUILD_EVERY: Duration = Duration::from_secs(60);
/// Between two rounds of retention; the first comes with the first look.
const RETAIN_EVERY: Duration = Duration::from_secs(60 * 60);

/// The running task; it also ends when this is dropped.
#[derive(Debug)]
pub struct UpkeepTask {
    stop: DropGuard,
    task: tokio::task::JoinHandle<()>,
}

impl UpkeepTask {
    /// Starts it on the current runtime.
    pub fn start(telemetry: Arc<dyn Upkeep>) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(telemetry, stop.clone()));
        Self { stop: stop.drop_guard(), task }
    }

    /// Ends it; what it has begun is finished.
    pub async fn stop(self) {
        drop(self.stop);
        if self.task.await.is_err() {
            tracing::error!("the upkeep of the telemetry ended by a panic");
        }
    }
}

async fn run(telemetry: Arc<dyn Upkeep>, stop: CancellationToken) {
    let mut retained: Option<tokio::time::Instant> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REBUILD_EVERY) => {}
        }
        if let Err(error) = telemetry.rebuild_if_dirty().await {
            tracing::warn!(%error, "hours with late rows stay to be rolled up again");
        }
        if retained.is_some_and(|at| at.elapsed() < RETAIN_EVERY) {
            continue;
        }
        match telemetry.retain(Retention::default(), Micros::of(Timestamp::now())).await {
            Ok(outcome) => {
                retained = Some(tokio::time::Instant::now());
                tracing::debug!(?outcome, "retention");
            }
            Err(error) => tracing::warn!(%error, "retention is tried again"),
        }
    }
}
